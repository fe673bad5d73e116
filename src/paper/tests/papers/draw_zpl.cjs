// Draws the labels of a ZPL file beside it and prints the pictures' names.
// node draw_zpl.cjs MODULE FILE WIDTH_MM HEIGHT_MM DOTS_PER_MM
const fs = require("node:fs");

const [renderer, file, width, height, dpmm] = process.argv.slice(2);

(async () => {
  const { api } = await require(renderer).ready;
  const zpl = fs.readFileSync(file, "utf8");
  const labels = await api.zplToBase64MultipleAsync(zpl, Number(width), Number(height), Number(dpmm));
  labels.forEach((label, index) => {
    const name = `${file}.${index}.png`;
    fs.writeFileSync(name, Buffer.from(label, "base64"));
    console.log(name);
  });
  process.exit(0);
})().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
