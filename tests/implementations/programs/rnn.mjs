// A plain tanh RNN in JavaScript for rnn-parity: node rnn.mjs FOLDER reads each case, and leaves its outputs.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const KINDS = { F32: Float32Array, F64: Float64Array, BOOL: Uint8Array };

function read(path) { // the texts, and the arrays by name
  const bytes = readFileSync(path), length = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: texts, ...table } = JSON.parse(bytes.subarray(8, 8 + length).toString());
  const arrays = {};
  for (const [name, { dtype, data_offsets: [first, end] }] of Object.entries(table)) {
    arrays[name] = new KINDS[dtype](Uint8Array.from(bytes.subarray(8 + length + first, 8 + length + end)).buffer);
  }
  return [texts, arrays];
}

function run(texts, arrays) { // (B, T, H)
  const [I, H, L] = ["input_size", "hidden_size", "num_layers"].map((name) => Number(texts[name]));
  const B = arrays.h_0.length / L / H, T = arrays.inputs.length / B / I;
  const isFloat32 = texts.dtype === "float32", round = isFloat32 ? Math.fround : (number) => number;
  let x = arrays.inputs, width = I;
  for (let layer = 0; layer < L; layer++, width = H) {
    const [W, U, bW, bU] = ["W", "U", "b_W", "b_U"].map((name) => arrays[`${layer}.${name}`]);
    const y = new x.constructor(B * T * H);
    for (let b = 0; b < B; b++) {
      let state = arrays.h_0.subarray((layer * B + b) * H, (layer * B + b + 1) * H);
      for (let t = 0; t < T; t++) {
        const own = (b * T + t) * H;
        for (let i = 0; i < H; i++) {
          let sum = bW[i] + bU[i]; // in float64, rounded once
          for (let j = 0; j < width; j++) sum += W[i * width + j] * x[(b * T + t) * width + j];
          for (let j = 0; j < H; j++) sum += U[i * H + j] * state[j];
          y[own + i] = round(Math.tanh(sum));
        }
        state = y.subarray(own, own + H);
      }
    }
    x = y;
  }
  const entry = { dtype: isFloat32 ? "F32" : "F64", shape: [B, T, H], data_offsets: [0, x.byteLength] };
  const header = Buffer.from(JSON.stringify({ sequence: entry })), length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.from(x.buffer)]);
}

const folder = process.argv.at(-1);
for (const file of readdirSync(folder)) {
  const [texts, arrays] = read(`${folder}/${file}`), name = `${folder}/${file.split(".")[0]}`;
  const isPlain = texts.cell === "rnn" && texts.nonlinearity === "tanh" && !arrays.mask
    && texts.bidirectional === "false" && texts.go_backwards === "false";
  if (isPlain) writeFileSync(`${name}.out.safetensors`, run(texts, arrays));
  else writeFileSync(`${name}.unsupported`, "one direction of tanh, without a mask");
}
