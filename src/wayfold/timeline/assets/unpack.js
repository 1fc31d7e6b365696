"use strict";
// Blocks of the page: a packed column or chunk on each line, deflated and in base64.

function packedLines(id) {
  return document
    .getElementById(id)
    .textContent.split("\n")
    .filter((line) => line !== "");
}

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
  return bytes;
}

async function inflate(base64) {
  const packed = new Blob([bytesOf(base64)]).stream();
  const plain = packed.pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}

// Numbers lie by byte: the lowest byte of each, then the next. 53 bits of 64 are exact, which is
// 104 days in nanoseconds.
async function unpackNumbers(base64, width) {
  const planes = await inflate(base64);
  const count = planes.length / width;
  const numbers = new (width === 8 ? Float64Array : width === 4 ? Uint32Array : Uint8Array)(count);
  for (let place = 0; place < width; place++) {
    const unit = 256 ** place;
    const start = place * count;
    for (let k = 0; k < count; k++) {
      const byte = planes[start + k];
      if (byte) numbers[k] += byte * unit;
    }
  }
  return numbers;
}

function unpackColumns(id, widths) {
  return Promise.all(packedLines(id).map((line, k) => unpackNumbers(line, widths[k])));
}

// Chunks of lines, unpacked when they are asked for; the last few are kept.
class Chunks {
  constructor(id, kept) {
    this.packed = packedLines(id);
    this.kept = kept;
    this.held = new Map();
  }

  lines(number) {
    const held = this.held.get(number) ?? this.#unpack(number);
    this.held.delete(number); // and again, as the newest
    this.held.set(number, held);
    if (this.held.size > this.kept) this.held.delete(this.held.keys().next().value);
    return held;
  }

  async #unpack(number) {
    return new TextDecoder().decode(await inflate(this.packed[number])).split("\n");
  }
}

// The first place of a sorted column whose value is `wanted` or more; `from` and `to` bound it.
function lowerBound(sorted, wanted, from = 0, to = sorted.length) {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle] < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}

// The first place whose value is more than `wanted`.
function upperBound(sorted, wanted, from = 0, to = sorted.length) {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle] <= wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}
