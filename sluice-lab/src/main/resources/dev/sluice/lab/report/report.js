"use strict";
// Builds the page from its data. What is judged was judged when the data was made; this shows it.
(() => {
  const page = JSON.parse(document.getElementById("data").textContent);
  const { figures, runs, terms } = page;
  const two = runs.length === 2;
  const names = [...new Set(runs.flatMap((run) =>
    run.ranks.flatMap((ranks) => (ranks ? ranks.places.map((place) => place.name) : []))))];
  const percentiles = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999, 99.99999];
  const place = (percentile) => -Math.log10(1 - percentile / 100);

  // The value of the sweep that shows.
  let at = page.values.length - 1;

  function ranksAt(run) {
    return run.ranks[at] ?? null;
  }

  function section(id, title, ...children) {
    return dom.make("section", { id, "aria-labelledby": `${id}-title` },
      dom.make("h2", { id: `${id}-title` }, title), children);
  }

  // The same for each run: one below the other on a narrow page, beside each other on a wide one.
  function each(show) {
    return dom.make("div", { class: two ? "pairs" : "" }, runs.map((run) => {
      const shown = ranksAt(run) ? show(run, ranksAt(run)) : [dom.make("p", { class: "unknown" }, "Not measured at this value.")];
      return dom.make("div", { class: "run" }, two ? dom.make("h3", null, run.label) : null, shown);
    }));
  }

  // As each, for charts: there is nothing to draw of nobody.
  function eachDrawn(show) {
    return each((run, ranks) => (ranks.places.length ? show(run, ranks) : dom.make("p", { class: "unknown" }, "Nothing was measured.")));
  }

  function head() {
    const banner = runs.filter((run) => !run.complete).map((run) =>
      dom.make("p", { class: "banner", role: "note" },
        `${run.label || "This run"} was ended early: it shows the rounds that there were.`));
    const words = [...new Set(runs.map((run) => run.words))].map((text) => dom.make("p", { class: "lede" }, text));
    const fact = (run, name) => run.facts.find((each) => each.name === name)?.text;
    const where = runs.map((run) => dom.make("p", { class: "muted" }, [two ? `${run.label}: ` : "",
      [fact(run, "Started"), fact(run, "CPU"), `kernel ${fact(run, "Kernel")}`, `JDK ${fact(run, "JDK")}`].join(" · ")]));
    document.title = `${page.title} – Sluice report`;
    document.getElementById("head").append(dom.make("div", null,
      dom.make("p", { class: "eyebrow" }, terms.eyebrow), dom.make("h1", null, page.title), words, where, banner,
      page.values.length > 1 ? selector() : null));
  }

  // Which value of the sweep shows.
  function selector() {
    return dom.make("fieldset", { class: "values" }, dom.make("legend", null, "Show the figures at"),
      page.values.map((value, i) => {
        const input = dom.make("input", { type: "radio", name: "value", value: i, checked: i === at });
        input.addEventListener("change", () => {
          at = i;
          body();
        });
        return dom.make("label", null, input, dom.make("span", null, value.text));
      }));
  }

  function caption(run, words) {
    return [two ? run.label : null, words, page.values[at].text].filter(Boolean).join(", ");
  }

  function ranking() {
    return section("ranking", "Ranking", each((run, ranks) => [
      dom.make("ol", { class: "ranking" }, ranks.places.map((server) => dom.make("li", {
        class: leads(server) ? "leads" : null,
      },
      dom.make("span", { class: "rank", "aria-hidden": "true" }, String(server.rank)),
      dom.make("span", { class: "server" }, dom.make("bdi", { class: "name" }, server.name),
        dom.make("span", { class: "muted" }, ` ${server.family}`),
        server.standing ? dom.make("span", { class: "standing" }, server.standing) : null,
        server.bound ? dom.make("span", { class: "standing warn" }, "the generator may have been the limit") : null),
      dom.make("span", { class: "figure" },
        dom.make("b", null, (server.bound ? (figures[ranks.by].higherIsBetter ? "≥ " : "≤ ") : "")
          + server.cells[ranks.by].text),
        dom.make("small", null, server.cells[ranks.by].spread))))),
      ranks.missing.length ? dom.make("p", { class: "muted" },
        `Not in it: ${ranks.missing.map((fact) => `${fact.name} (${fact.text})`).join("; ")}.`) : null,
      dom.make("p", { class: "muted" }, `By ${figures[ranks.by].title}; the median of the rounds, ± how far the furthest of them lies from it.`),
    ]));
  }

  function leads(server) {
    return server.standing.startsWith("first") || server.standing.startsWith("within");
  }

  function words() {
    return section("words", "In plain words", each((run, ranks) => dom.make("div", { class: "columns" },
      dom.make("div", null, dom.make("h3", null, "What the figures say"), dom.list(ranks.says)),
      dom.make("div", null, dom.make("h3", null, "What they don't say"), dom.list(ranks.doubts)))));
  }

  function changes() {
    const compared = page.comparisons.find((each) => each.value === page.values[at].value);
    return section("changes", "What changed from the first run to the second",
      compared ? dom.list(compared.words) : dom.make("p", { class: "unknown" }, "The runs have no value in common here."),
      page.circumstances.length ? [dom.make("h3", null, "The runs differ in more than time"),
        dom.make("p", null, "A difference in the figures may come from there:"), dom.list(page.circumstances)] : null,
      compared?.servers.length ? tables.changes(["First run → second run", page.values[at].text].filter(Boolean).join(", "),
        terms.server, figures, compared.servers) : null,
      dom.make("p", { class: "muted" }, "▲ better and ▼ worse: the rounds of the two runs don't overlap. "
        + "≈ within the noise: they do, so nothing is told. Among so many figures a few differences are chance."));
  }

  // The largest value of a figure that any run shows, so that two runs have one scale.
  function most(figure) {
    return Math.max(0, ...runs.flatMap((run) => (ranksAt(run)?.places ?? []).map((server) => server.cells[figure]?.high ?? 0)));
  }

  const starts = [];
  function drawn(chart, title, head, rows) {
    starts.push(chart.start);
    return [...chart.nodes, dom.details("The chart as a table", tables.plain(title, head, rows))];
  }

  function throughput() {
    return section("throughput", "Throughput", dom.make("p", { class: "muted" },
      `${terms.throughput}; the thin line spans the rounds. Strong: the first, and who is within its noise.`),
    eachDrawn((run, ranks) => {
      const rows = ranks.places.map((server) => {
        const cell = server.cells.THROUGHPUT;
        return {
          name: server.name, parts: [cell.median], low: cell.low, high: cell.high, strong: leads(server),
          label: (server.bound ? "≥ " : "") + charts.count(cell.median),
          words: `${cell.text}, rounds from ${charts.count(cell.low)} to ${charts.count(cell.high)}`,
        };
      });
      return drawn(charts.bars(caption(run, "Throughput"), rows, ["--bar"], most("THROUGHPUT"), "Point at a bar, or use the arrow keys."),
        caption(run, figures.THROUGHPUT.title), [terms.server, "Median", "Lowest round", "Highest round"],
        ranks.places.map((server) => [server.name, server.cells.THROUGHPUT.text,
          charts.count(server.cells.THROUGHPUT.low), charts.count(server.cells.THROUGHPUT.high)]));
    }));
  }

  function cpu() {
    const key = dom.make("p", { class: "muted key" }, dom.make("span", { class: "box user" }), "user ",
      dom.make("span", { class: "box system" }), `system; ${terms.cpu}`);
    return section("cpu", figures.CPU.title, key, eachDrawn((run, ranks) => {
      const text = (cell) => cell?.text ?? tables.UNKNOWN;
      const rows = ranks.places.map((server) => {
        const { USER: user, SYSTEM: system, CPU: all } = server.cells;
        // Where the two parts are unknown, the whole may still be known.
        const parts = user && system ? [user.median, system.median] : all ? [0, all.median] : [];
        return {
          name: server.name, parts: parts.length ? parts : [0, 0], low: all?.low ?? 0, high: all?.high ?? 0, strong: true,
          label: text(all),
          words: all ? `${all.text} ${all.spread}: user ${text(user)}, system ${text(system)}` : tables.UNKNOWN,
        };
      });
      return drawn(charts.bars(caption(run, `${figures.CPU.title}, user and system`), rows, ["--user", "--system"], most("CPU"),
        "Point at a bar, or use the arrow keys."),
      caption(run, figures.CPU.title), [terms.server, "User", "System", "Both"], ranks.places.map((server) =>
        [server.name, text(server.cells.USER), text(server.cells.SYSTEM), text(server.cells.CPU)]));
    }));
  }

  function latency() {
    return section("latency", "Latency", dom.make("p", { class: "muted" },
      `${terms.latency}, up to each percentile. The axis is stretched towards 100 %, as HdrHistogram plots it.`),
    eachDrawn((run, ranks) => {
      const drawnOnes = ranks.places.filter((server) => server.curve.length);
      if (!drawnOnes.length) {
        return dom.make("p", { class: "unknown" }, "No curve was recorded.");
      }
      const longest = drawnOnes.reduce((a, b) => (b.curve.length > a.curve.length ? b : a)).curve;
      const xs = longest.map((point) => point[0]);
      const ys = drawnOnes.map((server) => ({
        name: server.name, index: names.indexOf(server.name), values: xs.map((_, i) => server.curve[i]?.[1] ?? null),
      }));
      const ticks = percentiles.map((percentile) => ({ at: place(percentile), text: `${percentile} %` }));
      const where = (i) => (typeof i === "string" ? `at percentile ${i}`
        : `at percentile ${Number((100 * (1 - 10 ** -xs[i])).toPrecision(Math.max(3, Math.floor(xs[i]) + 2)))} %`);
      const shown = ["P50", "P90", "P99", "P999", "MAX"];
      return drawn(charts.lines(caption(run, "Latency by percentile"), xs, ticks, ys, charts.micros, where, null),
        caption(run, "Latency"), [terms.server, ...shown.map((name) => figures[name].title)], ranks.places.map((server) =>
          [server.name, ...shown.map((name) => server.cells[name].text)]));
    }));
  }

  function scaling() {
    if (!runs.some((run) => run.sweep) || page.values.length < 2) {
      return null;
    }
    const values = page.values.map((each) => each.value);
    const spans = values[values.length - 1] / Math.max(values[0], 1) >= 8;
    const stretch = (value) => (spans ? Math.log10(values[0] > 0 ? value : 1 + value) : value);
    const xs = values.map(stretch);
    const ticks = values.map((value, i) => ({ at: xs[i], text: charts.count(value) }));
    const curve = (run, figure, format) => {
      const measured = names.filter((name) => run.ranks.some((ranks) => ranks?.places.some((server) => server.name === name)));
      const cell = (name, ranks) => ranks?.places.find((server) => server.name === name)?.cells[figure] ?? null;
      const ys = measured.map((name) => ({
        name, index: names.indexOf(name), values: run.ranks.map((ranks) => cell(name, ranks)?.median ?? null),
      }));
      const where = (i) => (typeof i === "string" ? `at ${i} ${run.sweep}` : `at ${page.values[i].text}`);
      const title = [two ? run.label : null, figures[figure].title, `by ${run.sweep}`].filter(Boolean).join(", ");
      return dom.make("div", { class: "half" }, dom.make("h3", null, title),
        drawn(charts.lines(title, xs, ticks, ys, format, where, run.sweep), title,
          [terms.server, ...page.values.map((each) => each.text)], measured.map((name) =>
            [name, ...run.ranks.map((ranks) => cell(name, ranks)?.text ?? "–")])));
    };
    return section("scaling", "Scaling", runs.map((run) => [
      dom.make("div", { class: "pairs" }, curve(run, "THROUGHPUT", charts.count), curve(run, "P99", charts.micros)),
      two ? dom.make("h3", null, `${run.label}, in words`) : null, dom.list(run.scaling)]));
  }

  function table() {
    return section("table", "All figures", dom.make("p", { class: "muted" },
      "Medians of the rounds; beneath, how far the furthest round lies from it. A heading's button sorts by it."),
    runs.map((run) => (ranksAt(run)
      ? tables.full(caption(run, "All figures") + (two ? "" : ", by rank until sorted"), terms.server, figures, ranksAt(run).places) : null)));
  }

  function setup() {
    const show = (run) => dom.make("div", { class: "run" }, two ? dom.make("h3", null, run.label) : null,
      dom.facts(run.facts), dom.make("h3", null, "Workload"),
      run.settings.length ? dom.facts(run.settings) : dom.make("p", { class: "muted" }, "No settings were recorded."),
      dom.make("h3", null, `${terms.server}s`), dom.facts(run.lines));
    return section("setup", "Machine and settings", dom.make("div", { class: two ? "pairs" : "" }, runs.map(show)));
  }

  function body() {
    charts.clear();
    const hero = two ? null : dom.make("p", { class: "hero" }, ranksAt(runs[0])?.says[0] ?? "Not measured at this value.");
    // Of two runs each part is two columns wide already.
    const beside = (...halves) => dom.make("div", { class: two ? null : "beside" }, halves);
    const parts = [two ? changes() : null, beside(ranking(), words()), beside(throughput(), cpu()), latency(), scaling(), table(), setup()].filter(Boolean);
    document.getElementById("main").replaceChildren(...[hero, ...parts].filter(Boolean));
    starts.splice(0).forEach((start) => start());
    const links = [...document.querySelectorAll("section")].map((part) =>
      dom.make("a", { href: `#${part.id}` }, { changes: "Changes" }[part.id] ?? part.querySelector("h2").textContent));
    document.getElementById("nav").replaceChildren(...links);
  }

  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const showsDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);

  function nameTheme() {
    document.getElementById("theme").textContent = showsDark() ? "Light theme" : "Dark theme";
  }

  // A browser may keep nothing for a page from a file: then the choice lasts as long as the page.
  function kept(use) {
    try {
      return use(localStorage);
    } catch (refused) {
      console.info(`The theme is not kept: ${refused.message}`);
      return null;
    }
  }

  function theme() {
    const before = kept((store) => store.getItem("sluice-theme"));
    if (before === "dark" || before === "light") {
      root.dataset.theme = before;
    }
    nameTheme();
    document.getElementById("theme").addEventListener("click", () => {
      root.dataset.theme = showsDark() ? "light" : "dark";
      kept((store) => store.setItem("sluice-theme", root.dataset.theme));
      nameTheme();
      charts.redraw();
    });
    dark.addEventListener("change", () => {
      nameTheme();
      charts.redraw();
    });
  }

  // Paper is light.
  function print() {
    let chosen;
    addEventListener("beforeprint", () => {
      chosen = root.dataset.theme;
      root.dataset.theme = "light";
      charts.redraw(true);
    });
    addEventListener("afterprint", () => {
      if (chosen) {
        root.dataset.theme = chosen;
      } else {
        delete root.dataset.theme;
      }
      charts.redraw();
    });
  }

  theme();
  head();
  body();
  print();
  document.getElementById("foot").append(dom.make("p", { class: "muted" },
    "Written by sluice. The file holds all that it shows and loads nothing. Charts: uPlot (MIT licence, © 2022 Leon Sorokin)."));
})();
