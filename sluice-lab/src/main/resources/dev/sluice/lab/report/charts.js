"use strict";
// The charts: what they share (size, theme, reading line, keys) and the three kinds of them. uPlot draws.
const charts = (() => {
  const live = [];
  const COLORS = 12;
  const DASHES = [[], [8, 4], [2, 3]];
  // A page's width within its margins, in CSS pixels.
  const PRINT_WIDTH = 680;
  let printing = false;

  const font = (size) => `${size}px system-ui, -apple-system, "Segoe UI", sans-serif`;
  const color = (index) => dom.color(`--series-${index % COLORS}`);
  const dash = (index) => DASHES[(Math.floor(index / COLORS) + Math.floor((index % COLORS) / 6)) % DASHES.length];

  function digits(value) {
    const shown = value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
    return value >= 1000 ? Math.round(value).toLocaleString("en-US") : shown;
  }

  function micros(value) {
    if (value >= 1e6) {
      return `${digits(value / 1e6)} s`;
    }
    return value >= 1000 ? `${digits(value / 1000)} ms` : `${digits(value)} µs`;
  }

  function count(value) {
    if (value >= 1e6) {
      return `${digits(value / 1e6)} M`;
    }
    return value >= 10000 ? `${digits(value / 1000)} k` : digits(value);
  }

  function axis(more) {
    return {
      stroke: () => dom.color("--muted"),
      grid: { stroke: () => dom.color("--line"), width: 1 },
      ticks: { show: false },
      font: font(12),
      labelFont: font(12),
      labelSize: 20,
      ...more,
    };
  }

  // Keeps a chart as wide as its place, in the theme that shows; options(width) makes what uPlot takes.
  function mount(place, options, data, after) {
    const entry = { place, chart: null, width: 0 };
    entry.draw = () => {
      const width = printing ? PRINT_WIDTH : Math.floor(place.clientWidth);
      if (width < 50) {
        return;
      }
      entry.width = width;
      entry.chart?.destroy();
      entry.chart = new uPlot(options(width), data, place);
      after?.(entry.chart);
    };
    entry.draw();
    entry.watch = new ResizeObserver(() => {
      if (!printing && Math.abs(place.clientWidth - entry.width) >= 1) {
        entry.draw();
      }
    });
    entry.watch.observe(place);
    live.push(entry);
    return entry;
  }

  // The arrow keys move the reading line from point to point, as the mouse does.
  function keys(entry, points) {
    let index = -1;
    entry.place.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const target = { Home: 0, End: points - 1 }[event.key];
      if ((step === undefined && target === undefined) || !entry.chart) {
        return;
      }
      event.preventDefault();
      index = target ?? Math.min(points - 1, Math.max(0, index + step));
      const chart = entry.chart;
      const along = chart.valToPos(chart.data[0][index], "x");
      const upright = chart.scales.x.ori === 1;
      chart.setCursor(upright
        ? { left: chart.over.clientWidth / 2, top: along }
        : { left: along, top: chart.over.clientHeight / 2 });
    });
  }

  function frame(label, readout) {
    return dom.make("div", {
      class: "chart", tabindex: 0, role: "application", "aria-roledescription": "chart",
      "aria-label": `${label}. The arrow keys read it; the same as a table follows.`, "aria-describedby": readout.id,
    });
  }

  let readouts = 0;
  function readout(words) {
    return dom.make("output", { class: "readout", id: `readout-${++readouts}`, "aria-live": "polite" }, words);
  }

  // Lying bars, one a server. rows: {name, parts: [numbers], low, high, label, words, strong}.
  function bars(label, rows, colors, max, hint) {
    const text = readout(hint);
    const place = frame(label, text);
    const totals = rows.map((row) => row.parts.reduce((sum, part) => sum + part, 0));
    // Longer stacks first, so that the shorter ones cover them.
    const stacked = rows[0]?.parts.map((_, part) =>
      rows.map((row) => row.parts.slice(0, row.parts.length - part).reduce((sum, each) => sum + each, 0))) ?? [];
    const data = [rows.map((_, i) => i), ...stacked.flatMap((values) => [
      values.map((value, i) => (rows[i].strong ? value : null)),
      values.map((value, i) => (rows[i].strong ? null : value)),
    ])];
    const paths = uPlot.paths.bars({ size: [0.66, 22], align: 0 });
    const series = [{}, ...stacked.flatMap((_, at) => {
      const name = colors[colors.length - 1 - at];
      return [name, `${name}-weak`].map((property) => ({
        paths, points: { show: false }, width: 0, fill: () => dom.color(property), stroke: () => dom.color(property),
      }));
    })];

    function marks(chart) {
      const { ctx } = chart;
      const scale = devicePixelRatio;
      ctx.save();
      ctx.font = font(12 * scale);
      ctx.textBaseline = "middle";
      ctx.textAlign = "left";
      rows.forEach((row, i) => {
        const y = chart.valToPos(i, "x", true);
        let end = chart.valToPos(totals[i], "y", true);
        if (row.high > row.low) {
          const [from, to] = [row.low, row.high].map((value) => chart.valToPos(value, "y", true));
          ctx.strokeStyle = dom.color("--text");
          ctx.lineWidth = 1.5 * scale;
          ctx.beginPath();
          ctx.moveTo(from, y);
          ctx.lineTo(to, y);
          for (const x of [from, to]) {
            ctx.moveTo(x, y - 4 * scale);
            ctx.lineTo(x, y + 4 * scale);
          }
          ctx.stroke();
          end = Math.max(end, to);
        }
        ctx.fillStyle = dom.color(row.parts.length ? "--text" : "--muted");
        ctx.fillText(row.label, end + 6 * scale, y);
      });
      ctx.restore();
    }

    const names = rows.map((row) => row.name);
    const options = (width) => {
      const room = Math.min(width * 0.34, 10 + 7.2 * Math.max(...names.map((name) => name.length), 4));
      const letters = Math.floor((room - 6) / 7);
      const cut = names.map((name) => (name.length > letters ? `${name.slice(0, letters - 1)}…` : name));
      return {
        width, height: rows.length * 30 + 34, legend: { show: false }, padding: [4, 20, 0, 0],
        cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false } },
        scales: {
          x: { time: false, ori: 1, dir: -1, range: [-0.5, rows.length - 0.5] },
          // Room for the words at the longest bar's end.
          y: { ori: 0, range: [0, (max || 1) * (1 + Math.min(0.6, 92 / Math.max(60, width - room - 92)))] },
        },
        axes: [
          axis({ side: 3, size: room, gap: 4, splits: () => data[0], values: () => cut, grid: { show: false } }),
          axis({ side: 2, size: 28, space: 70, values: (_, splits) => splits.map(count) }),
        ],
        series,
        hooks: {
          draw: [marks],
          setCursor: [(chart) => {
            const row = rows[chart.cursor.idx];
            text.textContent = row && chart.cursor.left >= 0 ? `${row.name}: ${row.words}` : hint;
          }],
        },
      };
    };
    return { nodes: [place, text], start: () => keys(mount(place, options, data), rows.length) };
  }

  // Lines, one a server, over an axis of our own: ticks: [{at, text}]. lines: {name, index, values}.
  function lines(label, xs, ticks, ys, format, where, xLabel) {
    const text = readout(`Point at the chart, or use its arrow keys: ${where("…")}`);
    const place = frame(label, text);
    const data = [xs, ...ys.map((line) => line.values)];
    const hidden = new Set();
    let entry;
    const values = ys.map(() => dom.make("span", { class: "value" }));
    const buttons = ys.map((line, i) => {
      const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const stroke = document.createElementNS("http://www.w3.org/2000/svg", "line");
      for (const [name, value] of Object.entries({ viewBox: "0 0 26 8", class: "swatch", "aria-hidden": "true" })) {
        swatch.setAttribute(name, value);
      }
      for (const [name, value] of Object.entries({
        x1: 0, x2: 26, y1: 4, y2: 4, "stroke-width": 3, "stroke-dasharray": dash(line.index).join(" "),
        class: `stroke-${line.index % COLORS}`,
      })) {
        stroke.setAttribute(name, value);
      }
      swatch.append(stroke);
      const button = dom.make("button", { type: "button", "aria-pressed": "true" },
        swatch, dom.make("span", { class: "name" }, line.name), values[i]);
      button.addEventListener("click", () => {
        const show = hidden.delete(i) || !hidden.add(i);
        button.setAttribute("aria-pressed", String(show));
        entry.chart.setSeries(i + 1, { show });
      });
      const focus = (on) => () => !hidden.has(i) && entry.chart.setSeries(on ? i + 1 : null, { focus: true });
      button.addEventListener("mouseenter", focus(true));
      button.addEventListener("mouseleave", focus(false));
      button.addEventListener("focus", focus(true));
      button.addEventListener("blur", focus(false));
      return button;
    });

    const options = (width) => ({
      width, height: Math.round(Math.min(420, Math.max(260, width * 0.5))), legend: { show: false },
      padding: [10, 36, 0, 0],
      cursor: { focus: { prox: 24 }, drag: { x: false, y: false }, points: { size: 7 } },
      focus: { alpha: 0.2 },
      scales: {
        x: { time: false, range: [xs[0], Math.max(xs[xs.length - 1], xs[0] + 1e-9)] },
        y: format === micros ? { distr: 3 } : { range: (_, min, max) => [0, (max || 1) * 1.06] },
      },
      axes: [
        axis({
          size: 30, label: xLabel,
          splits: () => ticks.map((tick) => tick.at),
          // Where labels would touch, the later one gives way.
          values: (chart, splits) => {
            let last = -Infinity;
            return splits.map((at) => {
              const words = ticks.find((tick) => tick.at === at)?.text ?? "";
              const x = chart.valToPos(at, "x");
              const room = 7 * words.length + 8;
              if (x - last < room) {
                return "";
              }
              last = x;
              return words;
            });
          },
        }),
        axis({ size: 66, values: (_, splits) => splits.map((value) => (value === null ? "" : format(value))) }),
      ],
      series: [{}, ...ys.map((line, i) => ({
        label: line.name, show: !hidden.has(i), width: 2, dash: dash(line.index), spanGaps: false,
        stroke: () => color(line.index), points: { show: xs.length < 20, size: 6, fill: () => color(line.index) },
      }))],
      hooks: {
        setCursor: [(chart) => {
          const at = chart.cursor.left >= 0 ? chart.cursor.idx : null;
          text.textContent = where(at === null || at === undefined ? "…" : at);
          values.forEach((value, i) => {
            const y = at === null || at === undefined ? null : ys[i].values[at];
            value.textContent = y === null || y === undefined ? "" : format(y);
          });
        }],
      },
    });
    const legend = dom.make("div", { class: "legend", role: "group", "aria-label": "Lines shown" }, buttons);
    return {
      nodes: [place, text, legend],
      start: () => keys(entry = mount(place, options, data), xs.length),
    };
  }

  return {
    bars, lines, micros, count,
    // Draws all anew: after the theme changed, before and after printing.
    redraw(forPrint) {
      printing = Boolean(forPrint);
      live.forEach((entry) => entry.draw());
    },
    clear() {
      live.splice(0).forEach((entry) => {
        entry.watch.disconnect();
        entry.chart?.destroy();
      });
    },
  };
})();
