"use strict";
// Elements, made without markup: what a file calls a server is text here, whatever it looks like.
const dom = {
  // make("a", {class: "b", href: "#c"}, child, "text", null): null children are left out.
  make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined && value !== false) {
        element.setAttribute(name, value === true ? "" : value);
      }
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
    return element;
  },

  // A value of the style sheet as the canvas wants it: computed, for the theme that shows.
  color(property) {
    dom.probe ??= document.body.appendChild(dom.make("span", { hidden: true }));
    dom.probe.style.color = `var(${property})`;
    return getComputedStyle(dom.probe).color;
  },

  list(sentences) {
    return dom.make("ul", { class: "words" }, sentences.map((sentence) => dom.make("li", null, sentence)));
  },

  // Names and what they are.
  facts(facts) {
    return dom.make("dl", { class: "facts" }, facts.map((fact) =>
      dom.make("div", null, dom.make("dt", null, fact.name), dom.make("dd", null, fact.text || "none"))));
  },

  details(summary, ...children) {
    return dom.make("details", null, dom.make("summary", null, summary), children);
  },
};
