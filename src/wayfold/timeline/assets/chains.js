"use strict";
// Draws what answers what: configure → ack_configure → commit → done as a bar in its object's lane,
// and stretches without records across all lanes.

const CHAIN = 6;

function paintChains(painter, app) {
  paintPauses(painter, app);
  for (const lane of painter.rows) {
    if (lane.chains) paintRowChains(painter, app, lane);
  }
  paintStalls(painter, app);
}

// At most one bar begins at a pixel: of several the one that is longest there is seen anyway.
function paintRowChains(painter, app, lane) {
  const { viewport, recording } = app;
  const { chains } = recording;
  const starts = lane.chainStarts;
  const y = painter.top(lane.row) + ROW / 2 - CHAIN / 2 + 0.5;
  let k = lowerBound(starts, viewport.left - lane.longest);
  const to = upperBound(starts, viewport.right);
  while (k < to) {
    const chain = lane.chains[k];
    const isOwn = !lane.isOpen || chains.subject[chain] === lane.subject;
    const start = starts[k];
    if (isOwn && chains.ended[chain] >= viewport.left) paintBar(painter, app, chain, y);
    const next =
      start < viewport.left ? k + 1 : lowerBound(starts, start + viewport.nsPerPixel, k + 1, to);
    k = Math.max(next, k + 1);
  }
}

function paintBar(painter, app, chain, y) {
  const { context, colours } = painter;
  const { viewport, recording } = app;
  const { times, positions, ended } = recording.chains;
  context.globalAlpha = 0.55;
  for (let step = 0; step < 3; step++) {
    if (!positions[step][chain]) break;
    const isReached = step < 3 && positions[step + 1][chain];
    const from = Math.max(viewport.x(times[step][chain]), -10);
    const until = isReached ? times[step + 1][chain] : ended[chain];
    const to = Math.min(viewport.x(until), painter.width + 10);
    context.fillStyle = isReached
      ? colours.steps[stepColour(recording, chain, step)]
      : colours.stall;
    if (!isReached)
      context.globalAlpha = until > times[step][chain] && isLeft(recording, chain) ? 0.35 : 0;
    if (to > from) context.fillRect(from, y, Math.max(to - from, 1), CHAIN);
  }
  context.globalAlpha = 1;
}

// The chain that a lane draws at a time; −1 where there is none.
function chainAt(app, lane, time) {
  const { chains } = app.recording;
  if (!lane?.chains) return -1;
  const to = upperBound(lane.chainStarts, time);
  for (let k = to - 1; k >= 0 && lane.chainStarts[k] >= time - lane.longest; k--) {
    const chain = lane.chains[k];
    const isDrawn = !lane.isOpen || chains.subject[chain] === lane.subject;
    if (isDrawn && chains.ended[chain] >= time) return chain;
  }
  return -1;
}

// The last step is the compositor's answer in every kind of chain, and has the last colour.
function stepColour(recording, chain, step) {
  const steps = recording.about.kinds[recording.chains.kind[chain]][1].length;
  return steps === 4 ? step : steps === 3 ? step + 1 : 2;
}

function isLeft(recording, chain) {
  const outcome = recording.about.outcomes[recording.chains.outcome[chain]];
  const steps = recording.about.kinds[recording.chains.kind[chain]][1].length;
  const reached = recording.chains.positions.filter((step) => step[chain]).length;
  return reached < steps && (outcome === "open" || outcome === "abandoned");
}

function paintPauses(painter, app) {
  const { context, colours } = painter;
  for (const { time, duration } of app.findings.pauses) {
    const from = Math.max(app.viewport.x(time), 0);
    const to = Math.min(app.viewport.x(time + duration), painter.width);
    if (to - from < 2) continue;
    context.save();
    context.beginPath();
    context.rect(from, RULER, to - from, painter.height);
    context.clip();
    context.strokeStyle = colours.lineStrong;
    context.globalAlpha = 0.6;
    context.lineWidth = 1;
    context.beginPath();
    for (
      let x = from - painter.height - ((from + app.viewport.left / app.viewport.nsPerPixel) % 12);
      x < to;
      x += 12
    ) {
      context.moveTo(x, painter.height);
      context.lineTo(x + painter.height, 0);
    }
    context.stroke();
    context.restore();
    namePause(painter, `${spellDuration(duration)} without records`, from, to);
  }
}

function namePause(painter, text, from, to) {
  const { context, colours } = painter;
  const width = context.measureText(text).width + 16;
  if (to - from < width) return;
  const x = (from + to) / 2 - width / 2;
  context.fillStyle = colours.ground;
  context.fillRect(x, painter.height - 26, width, 18);
  context.fillStyle = colours.muted;
  context.fillText(text, x + 8, painter.height - 17);
}

// What came late or never is underlined in its lane.
function paintStalls(painter, app) {
  const { context, colours } = painter;
  context.fillStyle = colours.stall;
  for (const found of app.findings.stalls) {
    if (found.time > app.viewport.right || found.time + found.duration < app.viewport.left)
      continue;
    const lane = app.tree.seen(found.subject);
    if (!lane || lane.row < painter.rows[0]?.row || lane.row > painter.rows.at(-1)?.row) continue;
    const from = Math.max(app.viewport.x(found.time), 0);
    const to = Math.min(app.viewport.x(found.time + found.duration), painter.width);
    context.fillRect(from, painter.top(lane.row) + ROW - 4, Math.max(to - from, 3), 3);
  }
}

// Arrows from step to step of the chains that the chosen record is part of.
function paintArrows(context, painter, app) {
  if (app.index < 0) return;
  context.strokeStyle = context.fillStyle = painter.colours.accent;
  context.lineWidth = 1.5;
  for (const chain of app.chainsOfChosen) {
    const steps = app.recording
      .stepsOf(chain)
      .filter((step) => app.recording.isShown(step.position));
    for (let k = 1; k < steps.length; k++)
      paintArrow(context, painter, app, steps[k - 1], steps[k]);
  }
}

function paintArrow(context, painter, app, before, after) {
  const [from, to] = [before, after].map((step) => placeOf(painter, app, step));
  if (
    !from ||
    !to ||
    (from.x < -50 && to.x < -50) ||
    (from.x > painter.width + 50 && to.x > painter.width + 50)
  )
    return;
  const bend = Math.min(Math.max((to.x - from.x) / 2, 14), 80);
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.bezierCurveTo(from.x + bend, from.y, to.x - bend, to.y, to.x - 2, to.y);
  context.stroke();
  context.beginPath();
  context.moveTo(to.x, to.y);
  context.lineTo(to.x - 7, to.y - 4);
  context.lineTo(to.x - 7, to.y + 4);
  context.fill();
}

function placeOf(painter, app, step) {
  const lane = app.tree.seen(app.recording.subject[app.recording.indexOf(step.position)]);
  return lane && { x: app.viewport.x(step.time), y: painter.top(lane.row) + ROW / 2 };
}
