"use strict";
// The tables: sorted by any column, from the keyboard too; and two runs side by side.
const tables = (() => {
  const UNKNOWN = "unknown";
  const MARKS = {
    better: ["▲", "better"], worse: ["▼", "worse"], noise: ["≈", "within the noise"], untold: ["?", "noise unknown"],
  };

  function region(label, table) {
    return dom.make("div", { class: "scroll", role: "region", "aria-label": label, tabindex: 0 }, table);
  }

  // columns: [{title, what, text}]; rows: arrays of {sort, nodes}. Unknown values come last either way.
  function sortable(caption, columns, rows) {
    const body = dom.make("tbody");
    const filled = rows.map((cells) => ({
      cells,
      row: dom.make("tr", null, cells.map((cell, i) => (i === 1
        ? dom.make("th", { scope: "row" }, cell.nodes)
        : dom.make("td", { class: columns[i].text ? "text" : null }, cell.nodes)))),
    }));
    body.append(...filled.map((each) => each.row));
    const heads = columns.map((column, i) => {
      const button = dom.make("button", { type: "button", title: column.what }, column.title,
        dom.make("span", { class: "arrow", "aria-hidden": "true" }));
      const head = dom.make("th", {
        scope: "col", class: column.text ? "text" : null, "aria-sort": i === 0 ? "ascending" : null,
      }, button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        filled.sort((a, b) => compare(a.cells[i].sort, b.cells[i].sort, up ? 1 : -1));
        body.append(...filled.map((each) => each.row));
      });
      return head;
    });
    return region(caption, dom.make("table", null,
      dom.make("caption", null, caption), dom.make("thead", null, dom.make("tr", null, heads)), body));
  }

  function compare(a, b, sign) {
    if (a === null || b === null) {
      return (a === null) - (b === null);
    }
    return sign * (typeof a === "string" ? a.localeCompare(b) : a - b);
  }

  // A plain table: head: strings; rows: arrays of strings, the first of which names the row.
  function plain(caption, head, rows) {
    return region(caption, dom.make("table", { class: "plain" },
      dom.make("caption", null, caption),
      dom.make("thead", null, dom.make("tr", null, head.map((text, i) =>
        dom.make("th", { scope: "col", class: i === 0 ? "text" : null }, text)))),
      dom.make("tbody", null, rows.map((row) => dom.make("tr", null, row.map((text, i) =>
        (i === 0 ? dom.make("th", { scope: "row" }, text) : dom.make("td", null, text))))))));
  }

  function full(caption, server, figures, places) {
    const names = Object.keys(figures);
    const columns = [{ title: "#", what: "place in the ranking" }, { title: server, what: "name", text: true },
      { title: "Family", what: "family of the model", text: true },
      ...names.map((name) => figures[name])];
    const rows = places.map((place) => [
      { sort: place.rank, nodes: String(place.rank) },
      { sort: place.name, nodes: place.name },
      { sort: place.family, nodes: place.family },
      ...names.map((name) => {
        const cell = place.cells[name];
        return cell === null
          ? { sort: null, nodes: dom.make("span", { class: "unknown" }, UNKNOWN) }
          : { sort: cell.median, nodes: [cell.text, dom.make("small", null, cell.spread)] };
      }),
    ]);
    return sortable(caption, columns, rows);
  }

  function changes(caption, server, figures, servers) {
    const names = Object.keys(figures).filter((name) => servers.some((each) => each.changes[name]));
    return region(caption, dom.make("table", { class: "changes" },
      dom.make("caption", null, caption),
      dom.make("thead", null, dom.make("tr", null, dom.make("th", { scope: "col", class: "text" }, server),
        names.map((name) => dom.make("th", { scope: "col", title: figures[name].what }, figures[name].title)))),
      dom.make("tbody", null, servers.map((each) => dom.make("tr", null,
        dom.make("th", { scope: "row" }, each.name),
        names.map((name) => change(each.changes[name])))))));
  }

  function change(cell) {
    if (!cell) {
      return dom.make("td", null, dom.make("span", { class: "unknown" }, UNKNOWN));
    }
    const [mark, word] = MARKS[cell.verdict];
    const same = cell.verdict === "noise" && cell.words === "the same";
    return dom.make("td", { class: cell.verdict },
      dom.make("span", { class: "pair" }, `${cell.before} → ${cell.after}`),
      dom.make("span", { class: "verdict" },
        dom.make("span", { "aria-hidden": "true" }, `${mark} `), same ? "the same" : `${cell.words}, ${word}`));
  }

  return { full, plain, changes, UNKNOWN };
})();
