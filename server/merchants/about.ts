import type { About } from "../http/route.ts";
import { listQuery, merchantBody, merchantList, merchantView } from "./wire.ts";

export const aboutCreate: About = {
  summary: "Create a merchant",
  body: merchantBody,
  key: "required",
  answers: { 201: merchantView },
};

export const aboutList: About = {
  summary: "List merchants",
  query: listQuery,
  answers: { 200: merchantList },
};

export const aboutShow: About = {
  summary: "Get a merchant",
  answers: { 200: merchantView },
  problems: ["UNKNOWN_MERCHANT"],
};
