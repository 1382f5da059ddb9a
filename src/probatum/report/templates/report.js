"use strict";
// The report as a page. Everything it shows comes from the JSON beside this
// script and becomes text nodes: there is no way from a string to markup here.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const page = document.documentElement;
  const most = 200; // rows that are made at once; more on request

  // ---- elements

  function h(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : String(value));
    }
    for (const child of children.flat(3)) {
      if (child === null || child === undefined || child === false) continue;
      element.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
    return element;
  }

  // `what stands between backticks` is set as code, everything else as it is.
  function words(text) {
    return text.split(/`([^`]+)`/).map((part, n) => (n % 2 ? h("code", {}, part) : part));
  }

  // A picture of the report: [tag, attributes, what stands in it], where texts are texts.
  function drawn([tag, attributes, ...inside]) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) if (name !== "xmlns") element.setAttribute(name, value);
    for (const part of inside) element.append(Array.isArray(part) ? drawn(part) : document.createTextNode(part));
    return element;
  }

  function plot(p) {
    return h("figure", { class: "plot" },
      h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": p.shape[1]["aria-label"].split(".")[0] }, drawn(p.shape)),
      h("figcaption", { class: "quiet" }, p.note),
      h("details", { class: "block", open: true }, h("summary", {}, "Numbers of the plot"), h("div", { class: "inside scroll", tabindex: "0", role: "group", "aria-label": "Numbers of the plot" },
        h("table", { class: "numbers" }, h("thead", {}, h("tr", {}, p.head.map((cell) => h("th", { scope: "col" }, cell)))),
          h("tbody", {}, p.rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), rest.map((cell) => h("td", {}, cell)))))))));
  }

  // Only what is there; `null` stands for a part that a report does not have.
  function put(parent, ...children) { parent.append(...children.flat(3).filter(Boolean)); return parent; }

  function number(n) { return n.toLocaleString("en-GB"); }
  function plural(n, one) { return `${number(n)} ${one}${n === 1 ? "" : "s"}`; }
  function block(title, ...children) { return h("section", { class: "block" }, h("h3", {}, title), ...children); }

  function command(text) {
    const code = h("code", { tabindex: "0" }, text);
    const button = h("button", { type: "button", "aria-label": `Copy: ${text}` }, "Copy");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch (refused) { // no permission: select it, so that one key copies it
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    return h("div", { class: "command" }, code, button);
  }

  // Many rows, a part at a time.
  function many(list, items, row) {
    let shown = 0;
    const button = h("button", { type: "button", class: "plainbutton more" }, "");
    const grow = () => {
      list.append(...items.slice(shown, shown + most).map(row));
      shown = Math.min(items.length, shown + most);
      button.hidden = shown >= items.length;
      button.textContent = `Show more (${number(items.length - shown)} left)`;
    };
    button.addEventListener("click", grow);
    grow();
    return { nodes: [list, button], until: (n) => { while (shown <= n && shown < items.length) grow(); } };
  }

  // ---- the top

  const names = { findings: "Findings", undecided: "Undecided", cleared: "Cleared", hidden: "Hidden", rules: "Rules", about: "This check" };
  const counts = {
    findings: data.findings.length, undecided: data.undecided.length, cleared: data.summary.cleared,
    hidden: data.hidden.length, rules: data.rules.length, about: null,
  };
  const tabs = Object.keys(names).filter((name) => name !== "hidden" || counts.hidden);
  const state = { tab: "findings", current: 0, query: "", severity: { error: true, warning: true, note: true }, rule: "", file: "" };

  function bar(parts, small) {
    const strip = h("div", { class: small ? "bar minibar" : "bar", "aria-hidden": "true" });
    for (const [kind, n] of parts) {
      if (!n) continue;
      const piece = h("i", { class: kind });
      piece.style.flexGrow = n; // through the object model: the policy forbids style attributes
      strip.append(piece);
    }
    return strip;
  }

  function top() {
    const { findings, cleared, undecided, baselined, suppressed } = data.summary;
    const total = findings + cleared + undecided;
    const share = total && undecided ? ` (${(100 * undecided / total).toFixed(undecided / total < 0.1 ? 1 : 0)} %)` : "";
    const entry = (kind, n, label) => h("span", { class: kind }, h("i", { "aria-hidden": "true" }), h("b", {}, number(n)), ` ${label}`);
    const theme = h("button", { type: "button", class: "plainbutton", id: "theme", onclick: turn }, "");
    put(document.getElementById("top"),
      h("div", { class: "brand" },
        h("span", { class: "tick", "aria-hidden": "true" }, "✓"), h("b", {}, "probatum"), h("span", {}, data.version),
        h("span", { class: "tools" }, theme, h("button", { type: "button", class: "plainbutton keys", onclick: help }, "Keys ", h("kbd", {}, "?")))),
      h("div", { class: "hero" },
        h("div", {}, h("h1", {}, data.headline[0]), h("p", { class: "below" }, words(data.headline[1]))),
        h("div", {},
          bar([["finding", findings], ["undecided", undecided], ["cleared", cleared]]),
          h("p", { class: "legend" },
            entry("finding", findings, findings === 1 ? "finding" : "findings"), entry("undecided", undecided, `undecided${share}`),
            entry("cleared", cleared, "cleared"),
            baselined + suppressed ? entry("hidden", baselined + suppressed, "hidden") : null))),
      data.defects.length ? h("section", { class: "alarm", "aria-label": "Defects of probatum" },
        h("b", {}, `${plural(data.defects.length, "defect")} of probatum: please report`),
        h("ul", {}, data.defects.slice(0, most).map((d) => h("li", {}, words(d.message), h("small", { class: "quiet" }, ` ${d.rule} ${d.where}`))))) : null,
      h("div", { class: "tabs", role: "tablist", "aria-label": "Parts of the report" }, tabs.map((name) =>
        h("button", {
          type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "main", "aria-selected": "false", tabindex: "-1",
          onclick: () => open(name), onkeydown: alongTabs,
        }, names[name], counts[name] === null ? null : h("span", { class: "n" }, number(counts[name]))))),
    );
    const main = document.getElementById("main");
    main.setAttribute("aria-labelledby", "tab-findings");
  }

  function alongTabs(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(state.tab) + step + tabs.length) % tabs.length];
    open(next);
    document.getElementById(`tab-${next}`).focus();
  }

  function remembered(value) { // storage is not there for every page that lies in a file
    try {
      if (value) localStorage.setItem("probatum-theme", value);
      return localStorage.getItem("probatum-theme");
    } catch (refused) {
      return null;
    }
  }

  const dusk = matchMedia("(prefers-color-scheme: dark)");
  let chosen = remembered();
  function paint() {
    const dark = chosen ? chosen === "dark" : dusk.matches;
    page.dataset.theme = dark ? "dark" : "light";
    const button = document.getElementById("theme");
    if (button) button.textContent = dark ? "Light" : "Dark";
  }
  function turn() {
    chosen = page.dataset.theme === "dark" ? "light" : "dark";
    remembered(chosen);
    paint();
  }
  dusk.addEventListener("change", paint);

  function help() {
    const rows = [["j", "next finding"], ["k", "finding before"], ["Enter", "read it"], ["/", "search"], ["Esc", "leave the search, or empty it"],
      ["1 … " + tabs.length, "parts of the report"], ["t", "light or dark"], ["?", "this list"]];
    const box = h("dialog", { "aria-labelledby": "keys" }, h("h2", { id: "keys" }, "Keys"),
      h("dl", {}, rows.map(([key, does]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, does)])),
      h("button", { type: "button", class: "chip", onclick: () => box.close() }, "Close"));
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
  }

  // ---- findings

  function matching() {
    const wanted = state.query.toLowerCase().split(/\s+/).filter(Boolean);
    return data.findings.filter((f) => state.severity[f.severity] && (!state.rule || f.rule === state.rule) && (!state.file || f.path === state.file)
      && wanted.every((word) => [f.message, f.cause, f.rule, f.where, f.subject, f.fingerprint].some((text) => text.toLowerCase().includes(word))));
  }

  let visible = []; // the findings that pass the filters, in order
  let column = null; // the list, to make rows on demand

  function item(f) {
    return h("li", {}, h("a", { class: `item ${f.severity}`, href: `#finding-${f.n}`, "data-n": f.n },
      h("strong", {}, h("span", { class: "sr" }, `${f.severity}: `), words(f.message)), h("small", {}, f.rule, " · ", f.where)));
  }

  function findings(main) {
    if (!data.findings.length) {
      const [title, text] = data.exit === 0
        ? ["Nothing to see here, which is the point", "Every rule that applies was decided, and found nothing. The Cleared part says how strongly."]
        : ["No findings", "That is not the same as everything being well: look at what is undecided, and at the notes of this check."];
      main.append(h("div", { class: "empty" }, h("h2", {}, title), h("p", {}, text)));
      return;
    }
    const search = h("input", { type: "search", id: "search", placeholder: "Search findings", "aria-label": "Search findings", autocomplete: "off", spellcheck: "false" });
    search.value = state.query;
    search.addEventListener("input", () => { state.query = search.value; list(); });
    const chips = ["error", "warning", "note"].map((severity) => {
      const n = data.findings.filter((f) => f.severity === severity).length;
      return n ? h("button", {
        type: "button", class: "chip", "aria-pressed": String(state.severity[severity]), "data-severity": severity,
        onclick: (event) => {
          state.severity[severity] = !state.severity[severity];
          event.currentTarget.setAttribute("aria-pressed", String(state.severity[severity]));
          list();
        },
      }, h("span", { class: `dot ${severity}`, "aria-hidden": "true" }), plural(n, severity)) : null;
    });
    const choice = (name, label, values) => {
      const tally = new Map();
      for (const value of values) tally.set(value, (tally.get(value) || 0) + 1);
      const select = h("select", { id: `by-${name}`, "aria-label": label }, h("option", { value: "" }, label),
        [...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([value, n]) => h("option", { value }, `${value} (${n})`)));
      select.value = state[name];
      select.addEventListener("change", () => { state[name] = select.value; list(); });
      return select;
    };
    main.append(h("div", { class: "pair", id: "pair", "data-view": "list" },
      h("section", { class: "side", "aria-label": "List of findings" },
        h("div", { class: "filters", role: "search" },
          h("div", { class: "search" }, search, h("kbd", { "aria-hidden": "true" }, "/")),
          h("div", { class: "chips", role: "group", "aria-label": "Severities shown" }, chips),
          h("div", { class: "selects" },
            choice("rule", "All rules", data.findings.map((f) => f.rule)), choice("file", "All files", data.findings.map((f) => f.path))),
          h("p", { class: "status" }, h("span", { id: "status", role: "status" }), h("span", { class: "keys" }, h("kbd", {}, "j"), " ", h("kbd", {}, "k")))),
        h("div", { class: "items", id: "items", tabindex: "-1" })),
      h("article", { class: "detail", id: "detail", tabindex: "-1", "aria-label": "The finding" })));
    list();
  }

  function list() {
    visible = matching();
    const items = document.getElementById("items");
    items.replaceChildren();
    column = many(h("ul", {}), visible, item);
    items.append(...column.nodes);
    document.getElementById("status").textContent = visible.length === data.findings.length
      ? plural(visible.length, "finding") : `${number(visible.length)} of ${plural(data.findings.length, "finding")}`;
    if (!visible.length) items.append(h("p", { class: "quiet" }, "No finding passes these filters."));
    if (!visible.some((f) => f.n === state.current)) state.current = visible.length ? visible[0].n : 0;
    show();
  }

  function show() {
    const detail = document.getElementById("detail");
    if (!detail) return;
    const f = data.findings[state.current - 1];
    detail.hidden = !f;
    for (const link of document.querySelectorAll(".item")) {
      if (Number(link.dataset.n) === state.current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (f) {
      detail.replaceChildren();
      put(detail, h("button", { type: "button", class: "plainbutton back", onclick: () => { history.replaceState(null, "", "#findings"); view("list"); } }, "‹ All findings"), account(f));
    }
  }

  function view(name) {
    const pair = document.getElementById("pair");
    if (pair) pair.dataset.view = name;
  }

  function select(n, focus) {
    state.current = n;
    column.until(visible.findIndex((f) => f.n === n));
    show();
    const link = document.querySelector(`.item[data-n="${n}"]`);
    if (link && focus) {
      link.focus({ preventScroll: true });
      link.scrollIntoView({ block: "nearest" });
    }
  }

  // ---- one finding at length

  function account(f) {
    return [
      h("p", { class: "meta" }, h("span", { class: `badge ${f.severity}` }, f.severity), h("span", { class: "mono" }, f.rule), h("span", { class: "mono" }, f.where)),
      h("h2", {}, words(f.message)),
      h("p", { class: "cause" }, h("b", {}, "Because "), words(f.cause)),
      f.place && f.place.length ? block("Where", facts(f.place)) : null,
      f.excerpts.length ? block("In the file", f.excerpts.map((e) => source(e, f.n))) : null,
      evidence(f),
      f.repair ? repair(f) : null,
      f.related.length ? block("Also involved", h("ul", { class: "listed" }, f.related.map((r) => h("li", {}, words(r.note), " ", h("span", { class: "mono quiet" }, r.where))))) : null,
      f.assumptions.length ? block("What this rests on", h("ul", { class: "listed" }, f.assumptions.map((text) => h("li", {}, words(text))))) : null,
      block("Check it yourself",
        h("dl", { class: "facts" }, h("dt", {}, "evidence"), h("dd", {}, f.evidence.digest), h("dt", {}, "checked by"), h("dd", {}, f.evidence.method),
          h("dt", {}, "fingerprint"), h("dd", {}, f.fingerprint), h("dt", {}, "about"), h("dd", {}, f.subject)),
        command("probatum recheck report.json"), command(`probatum explain ${f.fingerprint.slice(0, 12)}`)),
      about(f.rule),
    ];
  }

  function facts(rows) { return h("dl", { class: "facts" }, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])); }

  // A line of JSON, or of anything, as pieces: [text, class]. The mark is cut out of them afterwards.
  function pieces(line) {
    const found = [];
    let at = 0;
    for (const hit of line.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null|-?\d+(?:\.\d+)?)\b/g)) {
      if (hit.index > at) found.push([line.slice(at, hit.index), ""]);
      if (hit[1]) {
        found.push([hit[1], hit[2] ? "k" : "s"]);
        if (hit[2]) found.push([hit[2], ""]);
      } else found.push([hit[0], "l"]);
      at = hit.index + hit[0].length;
    }
    if (at < line.length) found.push([line.slice(at), ""]);
    return found;
  }

  function coloured(line, from, to) {
    const nodes = [];
    let at = 0;
    for (const [text, kind] of pieces(line)) {
      const points = Array.from(text); // columns count code points
      const cuts = [0, ...[from - at, to - at].filter((c) => c > 0 && c < points.length), points.length];
      for (let i = 0; i + 1 < cuts.length; i += 1) {
        const part = points.slice(cuts[i], cuts[i + 1]).join("");
        const node = kind ? h("span", { class: kind }, part) : document.createTextNode(part);
        const inside = at + cuts[i] >= from && at + cuts[i] < to;
        nodes.push(inside ? h("mark", {}, node) : node);
      }
      at += points.length;
    }
    return nodes;
  }

  function source(excerpt, n) {
    const code = h("div", { class: "code", tabindex: "0", role: "group", "aria-label": `Lines of ${excerpt.path}` });
    const { from, to, start, end } = excerpt.marks;
    code.style.setProperty("--pins", Math.max(...excerpt.lines.map(([, , steps]) => steps.length)));
    let before = 0;
    for (const [no, text, steps] of excerpt.lines) {
      if (before && no !== before + 1) code.append(h("div", { class: "gap" }, "⋯"));
      const hit = from !== undefined && no >= from && no <= to;
      code.append(h("div", { class: hit ? "row hit" : "row", "data-line": `${n} ${excerpt.path} ${no}` },
        h("span", { class: "no" }, no),
        h("span", { class: "st" }, steps.map((s) => h("span", { class: "pin", title: `step ${s}` }, h("span", { class: "sr" }, "step "), s))),
        h("span", { class: "tx" }, hit && start !== undefined ? coloured(text, start, end) : coloured(text, -1, -1))));
      before = no;
    }
    return h("div", { class: "source" }, h("div", { class: "file" }, excerpt.path), code);
  }

  function table(rows) {
    const body = h("tbody", {});
    let group = "";
    for (const [under, name, values] of rows) {
      if (under !== group && under) body.append(h("tr", { class: "group" }, h("th", { scope: "rowgroup", colspan: "2" }, under)));
      group = under;
      body.append(h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, values.map((v) => h("span", {}, v)))));
    }
    return h("table", { class: "case" }, body);
  }

  function steps(f, flow) {
    return h("ol", { class: "steps" }, flow.map((step, i) => {
      const known = f.excerpts.some((e) => e.path === step.path && e.lines.some(([no]) => no === step.line));
      return h("li", {}, h("span", { class: "pin", "aria-hidden": "true" }, i + 1), h("div", {}, words(step.note)),
        known ? h("button", { type: "button", onclick: () => point(f.n, step) }, step.where) : h("small", {}, step.where));
    }));
  }

  function point(n, step) {
    const wanted = `${n} ${step.path} ${step.line}`;
    const row = [...document.querySelectorAll("#detail .row")].find((r) => r.dataset.line === wanted);
    if (!row) return;
    row.scrollIntoView({ block: "center" });
    row.classList.remove("flash");
    void row.offsetWidth; // or the animation does not begin again
    row.classList.add("flash");
  }

  function evidence(f) {
    const e = f.evidence;
    const badge = h("span", { class: "badge ok" }, { counterexample: "replayed", estimate: "recomputed" }[e.kind] || "checked again");
    if (e.kind === "counterexample") {
      return [
        block(["A case that shows it", badge], e.summary ? h("p", {}, words(e.summary)) : null, table(e.given),
          h("div", { class: "verdict" }, h("div", { class: "seen" }, h("small", {}, "happens"), h("b", {}, e.observed)), h("div", { class: "due" }, h("small", {}, "should"), h("b", {}, e.expected)))),
        e.flow.length ? block("How it comes about", steps(f, e.flow)) : null,
        e.besides.length ? h("details", { class: "block" }, h("summary", {}, "How to re-check"), h("div", { class: "inside" },
          h("p", {}, "The checker replays the case. What it is told besides:"), table(e.besides))) : null,
      ];
    }
    const title = { proof: "Proof", estimate: "Estimate", exemplars: "Examples" }[e.kind];
    return [
      block([title, badge], h("p", {}, words(e.claim)),
        e.sampling ? h("p", { class: "quiet" }, words(e.sampling)) : null,
        e.plot ? plot(e.plot) : null,
        e.facts.length ? h("details", { class: "block" }, h("summary", {}, { proof: "Certificate", estimate: "Counts" }[e.kind] || "Facts"), h("div", { class: "inside" }, e.kind === "proof" ? h("p", { class: "quiet" }, "For the checker, and in full in the JSON report:") : null, table(e.facts))) : null),
      e.flow && e.flow.length ? block(plural(e.flow.length, "example"), steps(f, e.flow)) : null,
    ];
  }

  function repair(f) {
    const r = f.repair;
    const badge = r.verified ? h("span", { class: "badge ok" }, "verified") : h("span", { class: "badge dull" }, "a suggestion");
    return block(["Repair", badge], h("p", {}, words(r.title)), r.how ? h("p", { class: "quiet" }, words(r.how)) : null,
      r.diff ? h("div", { class: "diff", tabindex: "0", role: "group", "aria-label": "The repair as a diff" }, r.diff.split("\n").map((line) =>
        h("span", { class: /^(\+\+\+|---|@@)/.test(line) ? "at" : line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : "" }, line || " "))) : null,
      r.edits ? command(`probatum repair ${f.fingerprint.slice(0, 12)} --write`) : null);
  }

  function about(id) {
    const rule = data.rules.find((r) => r.id === id);
    if (!rule || !rule.doc) return null;
    return h("section", { class: "block" }, h("details", {}, h("summary", {}, h("b", {}, "About the rule"), h("span", { class: "quiet mono" }, id)), h("div", { class: "inside prose" }, prose(rule.doc, "h4"))));
  }

  function prose(text, level) {
    return text.trim().split(/\n\s*\n/).map((part) => {
      const [first, ...rest] = part.split("\n");
      if (!first.startsWith("## ")) return h("p", {}, words(part));
      return [h(level, {}, first.slice(3)), rest.length ? h("p", {}, words(rest.join("\n"))) : null];
    });
  }

  // ---- the other parts

  function nothing(main, title, text) { main.append(h("div", { class: "empty" }, h("h2", {}, title), h("p", {}, text))); }

  function undecided(main) {
    if (!data.undecided.length) return nothing(main, "Everything was decided", "There is no question to which the answer is missing.");
    const groups = new Map();
    for (const u of data.undecided) {
      if (!groups.has(u.why)) groups.set(u.why, []);
      groups.get(u.why).push(u);
    }
    const box = h("div", { class: "wide" }, h("p", { class: "quiet block" }, "Neither a defect nor its absence could be established. Each is counted against the check, never for it."));
    for (const [why, members] of [...groups].sort((a, b) => b[1].length - a[1].length)) {
      box.append(h("section", { class: "block" }, h("h3", {}, why, h("span", { class: "badge warning" }, number(members.length))),
        h("div", { class: "card" }, many(h("ul", { class: "plainlist" }), members, (u) =>
          h("li", {}, words(u.reason), h("small", {}, h("span", { class: "mono" }, u.where), " · ", u.rule, " · ", u.subject))).nodes)));
    }
    main.append(box);
    return undefined;
  }

  const strengths = { proved: "for all cases", bounded: "for all cases up to a bound", tested: "for the cases that were run", statistical: "with a stated confidence" };

  function cleared(main) {
    if (!data.cleared.length) return nothing(main, "Nothing is cleared", "No rule established the absence of a defect.");
    const box = h("div", { class: "wide" }, h("p", { class: "quiet block" }, "Free of a defect, as strongly as it says and no more."), h("div", { class: "block" }));
    for (const group of data.cleared) {
      const inside = h("div", { class: "inside" });
      const part = h("details", {}, h("summary", {}, h("b", { class: "grow mono" }, group.rule),
        h("span", { class: "badge ok", title: strengths[group.strength] }, group.strength), h("span", { class: "quiet" }, strengths[group.strength]), h("span", { class: "badge dull" }, number(group.items.length))), inside);
      part.addEventListener("toggle", () => {
        if (!part.open || inside.childNodes.length) return;
        inside.append(...many(h("ul", { class: "plainlist" }), group.items, ([subject, where, message]) =>
          h("li", {}, words(message), h("small", {}, h("span", { class: "mono" }, where), " · ", subject))).nodes);
      });
      box.lastChild.append(part);
    }
    main.append(box);
    return undefined;
  }

  function hidden(main) {
    main.append(h("div", { class: "wide" }, h("p", { class: "quiet block" }, "Findings that someone answers for. They are not counted."),
      h("div", { class: "card block" }, many(h("ul", { class: "plainlist" }), data.hidden, (x) =>
        h("li", {}, words(x.message), " ", h("span", { class: "badge dull" }, x.by),
          h("small", {}, words([x.reason, x.owner, x.until ? `until ${x.until}` : ""].filter(Boolean).join(", ") || "no reason given")),
          h("small", {}, h("span", { class: "mono" }, x.where), " · ", x.rule))).nodes)));
  }

  function rules(main) {
    const box = h("div", { class: "wide" }, h("p", { class: "quiet block" }, "Every rule that was asked, also those with nothing to say."), h("div", { class: "block" }));
    for (const rule of data.rules) {
      const { finding, cleared: free, undecided: open } = rule.counts;
      const said = [finding ? plural(finding, "finding") : "", open ? `${number(open)} undecided` : "", free ? `${number(free)} cleared` : ""].filter(Boolean).join(", ");
      box.lastChild.append(h("details", {}, h("summary", {}, h("span", { class: "grow" }, h("b", { class: "mono" }, rule.id), h("br"), h("span", { class: "quiet" }, words(rule.title))),
        h("span", { class: "quiet" }, said || "did not apply"), bar([["finding", finding], ["undecided", open], ["cleared", free]], true)),
        h("div", { class: "inside prose" }, rule.doc ? prose(rule.doc, "h3") : h("p", {}, "probatum explain ", rule.id, " says more."))));
    }
    main.append(box);
  }

  function check(main) {
    main.append(h("div", { class: "wide" },
      data.notes.length ? block("Notes", h("ul", { class: "listed" }, data.notes.map((note) => h("li", {}, words(note))))) : null,
      block("Trust", h("p", {}, "No finding on this page is shown on the word of the code that found it: its evidence was checked again by code that shares nothing with the search. To do so yourself, against your own files:"),
        command("probatum check --output json:report.json"), command("probatum recheck report.json")),
      block(`Read (${number(data.inputs.length)})`, h("div", { class: "card" }, data.inputs.length ? many(h("ul", { class: "plainlist" }), data.inputs, ([path, digest]) =>
        h("li", {}, h("span", { class: "mono" }, path), h("small", { class: "mono" }, `sha256 ${digest}`))).nodes : "Nothing was read."))));
  }

  const parts = { findings, undecided, cleared, hidden, rules, about: check };

  function open(name, quiet) {
    state.tab = name;
    for (const tab of tabs) {
      const button = document.getElementById(`tab-${tab}`);
      button.setAttribute("aria-selected", String(tab === name));
      button.tabIndex = tab === name ? 0 : -1;
    }
    const main = document.getElementById("main");
    main.setAttribute("aria-labelledby", `tab-${name}`);
    main.replaceChildren(h("h2", { class: "sr" }, names[name]));
    parts[name](main);
    if (!quiet) history.replaceState(null, "", `#${name}`);
  }

  // ---- addresses: #finding-3, #rules

  function follow() {
    const found = /^#finding-(\d+)$/.exec(location.hash);
    if (found && data.findings[Number(found[1]) - 1]) {
      const n = Number(found[1]);
      if (state.tab !== "findings" || !document.getElementById("pair")) open("findings", true);
      if (!visible.some((f) => f.n === n)) {
        Object.assign(state, { query: "", rule: "", file: "", severity: { error: true, warning: true, note: true } });
        open("findings", true);
      }
      select(n);
      view("detail");
      if (matchMedia("(max-width: 860px)").matches) document.getElementById("pair").scrollIntoView({ block: "start" });
    } else if (tabs.includes(location.hash.slice(1))) {
      open(location.hash.slice(1), true);
    } else {
      open("findings", true);
    }
  }
  addEventListener("hashchange", follow);

  // ---- keys

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog")) return;
    const search = document.getElementById("search");
    if (event.target.matches("input, select")) {
      if (event.key !== "Escape" || event.target !== search) return;
      if (search.value) { search.value = ""; state.query = ""; list(); } else search.blur();
      event.preventDefault();
      return;
    }
    const step = { j: 1, k: -1 }[event.key];
    if (step && state.tab === "findings" && visible.length) {
      const at = visible.findIndex((f) => f.n === state.current);
      const fresh = !document.activeElement || !document.activeElement.matches(".item");
      const next = Math.max(0, Math.min(visible.length - 1, fresh && at < 1 && step > 0 && !state.moved ? 0 : at + step));
      state.moved = true;
      select(visible[next].n, true);
      history.replaceState(null, "", `#finding-${visible[next].n}`);
      return;
    }
    if (event.key === "/" && search) { event.preventDefault(); search.focus(); search.select(); return; }
    if (event.key === "?") { help(); return; }
    if (event.key === "t") { turn(); return; }
    if (event.key === "Enter" && document.activeElement.matches(".item")) {
      event.preventDefault();
      view("detail");
      document.getElementById("detail").focus();
      return;
    }
    const tab = tabs[Number(event.key) - 1];
    if (tab) { open(tab); document.getElementById(`tab-${tab}`).focus(); }
  });

  // ---- paper: every finding, one after the other

  addEventListener("beforeprint", () => {
    page.dataset.theme = "light"; // paper is
    const all = document.getElementById("print");
    all.replaceChildren(...data.findings.slice(0, 500).map((f) => put(h("article", { class: "detail" }), account(f))));
    if (data.findings.length > 500) all.append(h("p", {}, `${number(data.findings.length - 500)} more findings are not printed.`));
    if (data.undecided.length) all.append(block("Undecided", h("ul", { class: "listed" }, data.undecided.slice(0, 500).map((u) => h("li", {}, `${u.where} ${u.rule}: ${u.reason}`)))));
  });
  addEventListener("afterprint", () => { document.getElementById("print").replaceChildren(); paint(); });

  paint();
  top();
  paint();
  follow();
})();
