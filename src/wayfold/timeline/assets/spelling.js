"use strict";
// Times, numbers and values as people read them.

const MICROSECOND = 1e3;
const MILLISECOND = 1e6;
const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const THIN_SPACE = "\u2009";

const ARROWS = { compositor: "▼", client: "▲", app: "◆", wayfold: "◆" };
const ORIGIN_WORDS = {
  compositor: "event: told by the compositor",
  client: "request: asked of the compositor",
  app: "fact of the application",
  wayfold: "derived by wayfold",
};

function spellCount(number) {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, THIN_SPACE);
}

function plural(number, word) {
  return `${spellCount(number)} ${word}${number === 1 ? "" : "s"}`;
}

// Three digits that count: 1.25 ms, 340 µs, 12.0 s, 2 min 05 s.
function spellDuration(ns) {
  const size = Math.abs(ns);
  if (size >= DAY)
    return `${Math.floor(size / DAY)} d ${padded(Math.floor((size % DAY) / HOUR))} h`;
  if (size >= HOUR)
    return `${Math.floor(size / HOUR)} h ${padded(Math.floor((size % HOUR) / MINUTE))} min`;
  if (size >= MINUTE)
    return `${Math.floor(size / MINUTE)} min ${padded(Math.floor((size % MINUTE) / SECOND))} s`;
  if (size >= SECOND) return `${threeDigits(size / SECOND)} s`;
  if (size >= MILLISECOND) return `${threeDigits(size / MILLISECOND)} ms`;
  if (size >= MICROSECOND) return `${threeDigits(size / MICROSECOND)} µs`;
  return `${Math.round(size)} ns`;
}

function threeDigits(number) {
  return number.toFixed(number >= 100 ? 0 : number >= 10 ? 1 : 2);
}

function padded(number, width = 2) {
  return String(number).padStart(width, "0");
}

// Clock times of a recording, in the time zone of whoever reads it.
class Clock {
  constructor(startNs, length) {
    this.start = BigInt(startNs);
    this.hasDays = this.date(0) !== this.date(length);
  }

  #split(ns) {
    const unix = this.start + BigInt(Math.round(ns));
    const second = unix / 1000000000n - (unix < 0n && unix % 1000000000n ? 1n : 0n);
    return [new Date(Number(second) * 1000), Number(unix - second * 1000000000n)];
  }

  // `digits` of the second's fraction, in groups of three.
  time(ns, digits = 3) {
    const [date, rest] = this.#split(ns);
    const day = [date.getHours(), date.getMinutes(), date.getSeconds()]
      .map((n) => padded(n))
      .join(":");
    const fraction = padded(rest, 9)
      .slice(0, digits)
      .replace(/(\d{3})(?=\d)/g, `$1${THIN_SPACE}`);
    return digits ? `${day}.${fraction}` : day;
  }

  // With its day, where the recording goes over midnight.
  moment(ns, digits) {
    return this.hasDays ? `${this.date(ns)} ${this.time(ns, digits)}` : this.time(ns, digits);
  }

  date(ns) {
    const [date] = this.#split(ns);
    return `${date.getFullYear()}-${padded(date.getMonth() + 1)}-${padded(date.getDate())}`;
  }

  zone(ns) {
    const minutes = -this.#split(ns)[0].getTimezoneOffset();
    const size = Math.abs(minutes);
    return `UTC${minutes < 0 ? "−" : "+"}${padded(Math.floor(size / 60))}:${padded(size % 60)}`;
  }

  // Nanoseconds from the local midnight before the recording to its start: whole seconds of the
  // clock are to be whole ticks.
  get sinceMidnight() {
    const [date, rest] = this.#split(0);
    return (date.getHours() * 3600 + date.getMinutes() * 60 + date.getSeconds()) * SECOND + rest;
  }
}

const TICK_STEPS = [
  ...[...Array(10).keys()]
    .flatMap((power) => [1, 2, 5].map((n) => n * 10 ** power))
    .filter((step) => step < SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 10, 30, 100, 300, 1000, 3000].map((n) => n * DAY),
];

function tickStep(nsPerPixel, pixels) {
  return TICK_STEPS.find((step) => step / nsPerPixel >= pixels) ?? TICK_STEPS.at(-1);
}

function fractionDigits(stepNs) {
  if (stepNs >= SECOND) return 0;
  return Math.min(9, Math.ceil(-Math.log10(stepNs / SECOND) - 1e-9));
}

// JSON whose whole numbers stay exact beyond what a number holds, where the browser can tell.
function parseJson(text) {
  return JSON.parse(text, (_, value, context) =>
    typeof value === "number" &&
    context?.source &&
    Number.isInteger(value) &&
    !Number.isSafeInteger(value)
      ? BigInt(context.source)
      : value,
  );
}

function spellValue(value) {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(spellValue).join(", ")}]`;
  if (value && typeof value === "object") {
    if (typeof value.$bytes === "string") return `${atob(value.$bytes).length} bytes`;
    return `{${Object.entries(value)
      .map(([name, each]) => `${name}: ${spellValue(each)}`)
      .join(", ")}}`;
  }
  return JSON.stringify(value);
}

// A number with its name where it has one: `1 current`.
function spellNamed(value, names) {
  if (!names) return spellValue(value);
  if (Array.isArray(value))
    return `[${value.map((each) => names[each] ?? spellValue(each)).join(", ")}]`;
  return names[value] === undefined ? spellValue(value) : `${names[value]} (${value})`;
}

function isInner(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
