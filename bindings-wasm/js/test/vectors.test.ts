// The shared cases: data that every language runs.
import * as full from "sportello";

import { cases } from "./cases.js";

cases("sportello", full);
