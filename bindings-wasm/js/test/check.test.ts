// The shared cases through the small build.
import * as check from "sportello/check";

import { cases } from "./cases.js";

cases("sportello/check", check);
