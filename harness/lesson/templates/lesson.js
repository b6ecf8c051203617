"use strict";
document.documentElement.classList.add("js");
const read = (id) => JSON.parse(document.getElementById(id).textContent);

// What scrolls sideways can be reached with Tab; what does not, need not.
{
  const boxes = [...document.querySelectorAll("pre, .scroll")];
  const reach = () => {
    for (const box of boxes) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
  reach();
}

// Chapter 1: the slider.
{
  const data = read("steps"), step = document.getElementById("step"), unit = document.getElementById("unit");
  const signed = (value) => (value < 0 ? "-" : "+") + Math.abs(value).toFixed(6);
  const draw = () => {
    const t = Number(step.value), k = Number(unit.value);
    document.getElementById("step-value").value = t;
    document.getElementById("unit-value").value = k;
    for (const svg of document.querySelectorAll("#slider .bars")) {
      const name = svg.dataset.row, values = name === "b" ? data.b : data[name][t];
      svg.querySelectorAll("rect").forEach((bar, index) => {
        const height = Math.abs(values[index]) / data.scale * 12;
        bar.setAttribute("y", values[index] > 0 ? 12 - height : 12);
        bar.setAttribute("height", height);
        bar.classList.toggle("chosen", index === k && name !== "inputs");
      });
    }
    for (const name of ["W_x", "U_h", "sums", "outputs"]) document.getElementById("term-" + name).textContent = signed(data[name][t][k]);
    document.getElementById("term-b").textContent = signed(data.b[k]);
  };
  for (const input of [step, unit]) input.addEventListener("input", draw);
  draw();
}

// Chapter 2: point at a number, or move to it, and see it everywhere. One Tab stop for each table, arrows inside it.
{
  const homes = read("homes"), picture = document.getElementById("mirror-picture"), caption = document.getElementById("homes-text");
  const cells = [...picture.querySelectorAll(".cell")], hint = caption.textContent;
  const sources = (cell) => JSON.parse(cell.dataset.sources);
  const choose = (cell) => {
    const chosen = cell ? sources(cell) : [];
    for (const other of cells) other.classList.toggle("chosen", sources(other).some((name) => chosen.includes(name)));
    caption.textContent = chosen.length ? chosen.map((name) => name + ": " + homes[name] + ".").join(" ") : hint;
  };
  for (const cell of cells) {
    cell.addEventListener("mouseenter", () => choose(cell));
    cell.addEventListener("focus", () => choose(cell));
    cell.addEventListener("click", () => choose(cell));
  }
  for (const group of picture.querySelectorAll(".cells")) {
    const buttons = [...group.querySelectorAll("button")];
    const columns = Number(getComputedStyle(group).getPropertyValue("--columns"));
    buttons.forEach((button, index) => {
      button.tabIndex = index ? -1 : 0;
      button.addEventListener("keydown", (event) => {
        const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -index, End: buttons.length - 1 - index };
        const next = buttons[index + moves[event.key]];
        if (!next) return;
        event.preventDefault();
        for (const other of buttons) other.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      });
    });
  }
}

// Chapter 6: one mistake at a time.
{
  const select = document.getElementById("mistake"), mistakes = [...document.querySelectorAll(".mistake")];
  const choose = () => {
    for (const mistake of mistakes) mistake.open = mistake.dataset.name === select.value;
  };
  for (const mistake of mistakes) mistake.querySelector("summary").addEventListener("click", (event) => event.preventDefault());
  select.addEventListener("change", choose);
  choose();
}
