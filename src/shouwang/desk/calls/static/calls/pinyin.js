// First letters of the pinyin of Chinese words, from the browser's own collation: no table of characters is shipped.
const collator = new Intl.Collator("zh-Hans-u-co-pinyin");
const FIRST = "阿八嚓哒妸发旮哈讥咔垃痳拏噢妑七呥扨它穵夕丫帀", LETTERS = "abcdefghjklmnopqrstwxyz";

function letter(char) {
  if (!/\p{Script=Han}/u.test(char)) return /[a-z0-9]/i.test(char) ? char.toLowerCase() : "";
  for (let i = FIRST.length - 1; i >= 0; i--) if (collator.compare(char, FIRST[i]) >= 0) return LETTERS[i];
  return "";
}

export const initials = (text) => [...text].map(letter).join("");
