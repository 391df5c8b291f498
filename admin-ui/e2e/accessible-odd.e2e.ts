import { axeLooksAtHalf } from "./every-state.ts";

axeLooksAtHalf(1);
