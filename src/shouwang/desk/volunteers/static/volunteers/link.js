// A volunteer's phone: the place where something was seen, if they press for it. It is taken once and never by itself.
const here = document.getElementById("here"), says = document.getElementById("here-says");
if (here && navigator.geolocation) {
  here.hidden = false;
  here.addEventListener("click", () => {
    says.textContent = gettext("Looking for where you are …");
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      document.getElementById("lon").value = coords.longitude.toFixed(5);
      document.getElementById("lat").value = coords.latitude.toFixed(5);
      says.textContent = gettext("Sent along with your answer.");
    }, () => { says.textContent = gettext("Your place is not known. Write it down."); }, { enableHighAccuracy: true, timeout: 8000 });
  });
}
