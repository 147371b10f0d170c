// What both ways of loading have.
export { findPlaces, placeNamed, placeText, searchPlaces } from "./places.js";
export type { Place } from "./places.js";
