// Sixteen invented persons, as JSON.
import { CodiceFiscale } from "../dist/node.js";

const names = ["Rosalia", "Ippolito", "Zenobia", "Ermenegildo"];
const persons = ["Prova", "Esempio", "Finto", "Campione"].flatMap((surname, one) =>
  names.map((name, other) => {
    const sex = other % 2 === 0 ? "F" : "M";
    const birthDate = `19${60 + 7 * one + other}-0${other + 1}-1${one}`;
    const { code } = CodiceFiscale.encode({ surname, name, sex, birthDate, birthplace: ["H501", "F205", "L219", "Z404"][one] });
    return { name, surname, code, email: `${name}.${surname}@example.org`.toLowerCase(), phone: `33${one} 12345${other}7` };
  }),
);
console.log(JSON.stringify(persons));
