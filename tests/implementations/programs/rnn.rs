// A plain tanh RNN in Rust for rnn-parity: ./rnn FOLDER reads each case, and leaves its outputs.
use std::{env, fs};

fn text<'a>(header: &'a str, name: &str) -> &'a str { // the value of "name":"value"
    let start = format!("\"{name}\":\"");
    header[header.find(&start).unwrap() + start.len()..].split('"').next().unwrap()
}
fn size(header: &str, name: &str) -> usize { text(header, name).parse().unwrap() }

macro_rules! rnn { ($run:ident, $number:ty, $dtype:expr) => {
    fn $run(header: &str, data: &[u8]) -> Vec<u8> {
        let array = |name: &str| -> Vec<$number> {
            let entry = &header[header.find(&format!("\"{name}\":{{")).unwrap()..];
            let offsets = &entry[entry.find("\"data_offsets\":[").unwrap() + 16..];
            let ends: Vec<usize> = offsets[..offsets.find(']').unwrap()].split(',').map(|n| n.parse().unwrap()).collect();
            data[ends[0]..ends[1]].chunks(size_of::<$number>()).map(|n| <$number>::from_le_bytes(n.try_into().unwrap())).collect()
        };
        let (inputs, units, layers) = (size(header, "input_size"), size(header, "hidden_size"), size(header, "num_layers"));
        let (mut x, h, mut width) = (array("inputs"), array("h_0"), inputs);
        let batch = h.len() / layers / units;
        let time = x.len() / batch / inputs;
        for layer in 0..layers {
            let part = |name: &str| array(&format!("{layer}.{name}"));
            let (w, u, b_w, b_u) = (part("W"), part("U"), part("b_W"), part("b_U"));
            let mut y: Vec<$number> = Vec::new(); // (B, T, H)
            for row in 0..batch {
                let mut state = h[(layer * batch + row) * units..][..units].to_vec();
                for step in 0..time {
                    let input = &x[(row * time + step) * width..][..width];
                    state = (0..units).map(|i| {
                        let from_x: $number = w[i * width..][..width].iter().zip(input).map(|(a, b)| a * b).sum();
                        let from_h: $number = u[i * units..][..units].iter().zip(&state).map(|(a, b)| a * b).sum();
                        (from_x + from_h + b_w[i] + b_u[i]).tanh()
                    }).collect();
                    y.extend(&state);
                }
            }
            (x, width) = (y, units);
        }
        let header = format!("{{\"sequence\":{{\"dtype\":\"{}\",\"shape\":[{batch},{time},{units}],\"data_offsets\":[0,{}]}}}}",
            $dtype, x.len() * size_of::<$number>());
        let mut out = (header.len() as u64).to_le_bytes().to_vec();
        out.extend(header.bytes());
        x.iter().for_each(|number| out.extend(number.to_le_bytes()));
        out
    }
} }
rnn!(run32, f32, "F32");
rnn!(run64, f64, "F64");

fn main() {
    let folder = env::args().last().unwrap();
    let paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let (header, data) = (std::str::from_utf8(&bytes[8..8 + length]).unwrap(), &bytes[8 + length..]);
        let is_plain = text(header, "cell") == "rnn" && text(header, "nonlinearity") == "tanh" && !header.contains("\"mask\"")
            && text(header, "bidirectional") == "false" && text(header, "go_backwards") == "false";
        if is_plain {
            let run = if text(header, "dtype") == "float32" { run32 } else { run64 };
            fs::write(path.with_extension("out.safetensors"), run(header, data)).unwrap();
        } else {
            fs::write(path.with_extension("unsupported"), "one direction of tanh, without a mask").unwrap();
        }
    }
}
