// After a resident's report is in: the code by which it is followed, shown once and kept nowhere on this device.
document.addEventListener("reported", ({ detail }) => {
  const done = document.getElementById("done");
  for (const el of [document.getElementById("report"), document.getElementById("acts"), document.getElementById("point")]) if (el) el.hidden = true;
  document.getElementById("code").textContent = detail.code.replace(/^(.{4})/, "$1 ");
  document.getElementById("code-in").value = detail.code;
  done.hidden = false;
  done.focus();
});
