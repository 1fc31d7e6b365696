"use strict";
// The folded state at any position, by replaying patches that the real fold made.

class StateTrack {
  static async load(about) {
    const track = new StateTrack();
    [track.positions, track.paths, track.starts] = await unpackColumns("patches", [8, 4, 4]);
    track.names = about.paths;
    track.chunks = new Chunks("states", 16);
    return track;
  }

  // The state after every record up to a position, and what the records behind `since` changed.
  async at(position, since = position - 1) {
    const end = upperBound(this.positions, position);
    const chunk = Math.max(upperBound(this.starts, end ? end - 1 : 0) - 1, 0);
    const lines = await this.chunks.lines(chunk);
    const state = JSON.parse(lines[0]);
    const changes = new Map();
    const first = this.starts[chunk];
    for (let k = first; k < end; k++) {
      const before = this.#apply(state, this.names[this.paths[k]], lines[k - first + 1]);
      if (this.positions[k] > since)
        this.#note(changes, this.names[this.paths[k]], before, lines[k - first + 1]);
    }
    return {
      state,
      changes: [...changes.values()].filter((each) => !isSame(each.before, each.after)),
    };
  }

  #apply(state, path, text) {
    const keys = path.split(".");
    const last = keys.pop();
    const owner = keys.reduce((value, key) => value[key], state);
    const before = owner[last];
    if (text === "") delete owner[last];
    else owner[last] = JSON.parse(text);
    return before;
  }

  #note(changes, path, before, text) {
    const known = changes.get(path);
    const after = text === "" ? undefined : JSON.parse(text);
    changes.set(path, { path, before: known ? known.before : before, after });
  }

  // The position that made the value at a path what it is at a position; null where it was so from
  // the start. What holds the value, or is held by it, counts: both made it.
  why(path, position) {
    for (let k = upperBound(this.positions, position) - 1; k >= 0; k--) {
      const changed = this.names[this.paths[k]];
      if (changed === path || path.startsWith(`${changed}.`) || changed.startsWith(`${path}.`)) {
        return this.positions[k];
      }
    }
    return null;
  }
}

function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
