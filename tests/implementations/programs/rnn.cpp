// A plain tanh RNN in C++17 for rnn-parity: ./rnn FOLDER reads each case, and leaves its outputs.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>
using Bytes = std::string;
namespace fs = std::filesystem;

Bytes text(const Bytes& header, const Bytes& name) {  // the value of "name":"value"
    size_t at = header.find("\"" + name + "\":\"") + name.size() + 4;
    return header.substr(at, header.find('"', at) - at);
}
template <class Number>
std::vector<Number> array(const Bytes& data, const Bytes& header, const Bytes& name) {
    size_t at = header.find("\"data_offsets\":[", header.find("\"" + name + "\":{")) + 16, first, end;
    std::sscanf(header.c_str() + at, "%zu,%zu", &first, &end);
    std::vector<Number> numbers((end - first) / sizeof(Number));
    std::memcpy(numbers.data(), data.data() + 8 + header.size() + first, end - first);
    return numbers;
}
template <class Number>
void run(const Bytes& data, const Bytes& header, const Bytes& out) {
    size_t I = std::stoul(text(header, "input_size")), H = std::stoul(text(header, "hidden_size"));
    size_t L = std::stoul(text(header, "num_layers"));
    std::vector<Number> x = array<Number>(data, header, "inputs"), h = array<Number>(data, header, "h_0");
    size_t B = h.size() / L / H, T = x.size() / B / I, width = I;
    for (size_t layer = 0; layer < L; layer++, width = H) {
        Bytes own = std::to_string(layer) + ".";
        auto W = array<Number>(data, header, own + "W"), U = array<Number>(data, header, own + "U");
        auto b_W = array<Number>(data, header, own + "b_W"), b_U = array<Number>(data, header, own + "b_U");
        std::vector<Number> y(B * T * H);  // (B, T, H)
        for (size_t b = 0; b < B; b++)
            for (size_t t = 0; t < T; t++) {
                const Number* state = t ? &y[(b * T + t - 1) * H] : &h[(layer * B + b) * H];
                for (size_t i = 0; i < H; i++) {
                    Number sum = b_W[i] + b_U[i];
                    for (size_t j = 0; j < width; j++) sum += W[i * width + j] * x[(b * T + t) * width + j];
                    for (size_t j = 0; j < H; j++) sum += U[i * H + j] * state[j];
                    y[(b * T + t) * H + i] = std::tanh(sum);
                }
            }
        x = y;
    }
    size_t size = x.size() * sizeof(Number);
    Bytes own = Bytes("{\"sequence\":{\"dtype\":\"") + (sizeof(Number) == 4 ? "F32" : "F64") + "\",\"shape\":[" +
        std::to_string(B) + "," + std::to_string(T) + "," + std::to_string(H) + "],\"data_offsets\":[0," +
        std::to_string(size) + "]}}";
    unsigned long long length = own.size();
    std::ofstream(out, std::ios::binary).write((char*)&length, 8).write(own.data(), length).write((char*)x.data(), size);
}
int main(int count, char** words) {
    std::vector<Bytes> paths;  // first all of them: outputs appear in the same folder
    for (auto& entry : fs::directory_iterator(words[count - 1])) paths.push_back(entry.path().string());
    for (auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        Bytes data((std::istreambuf_iterator<char>(file)), {}), name = path.substr(0, path.rfind('.'));
        unsigned long long length;
        std::memcpy(&length, data.data(), 8);
        Bytes header = data.substr(8, length);
        if (text(header, "cell") != "rnn" || text(header, "nonlinearity") != "tanh" || header.find("\"mask\"") < length ||
            text(header, "bidirectional") == "true" || text(header, "go_backwards") == "true")
            std::ofstream(name + ".unsupported") << "one direction of tanh, without a mask";
        else if (text(header, "dtype") == "float32") run<float>(data, header, name + ".out.safetensors");
        else run<double>(data, header, name + ".out.safetensors");
    }
}
