import type { Request, Response } from "express";
import type { Context } from "../context.ts";
import type { Page } from "../db/page.ts";
import { transact } from "../db/transact.ts";
import { pageQuery, readPage, sendList } from "../http/list.ts";
import type { Route } from "../http/route.ts";
import { listOrganisations } from "./store.ts";
import { organisationsView, viewOfOrganisation } from "./wire.ts";

/** What only the instance operator sees: nothing of it is any tenant's business. */
export function instanceRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "get",
      path: "/v1/instance/organisations",
      needs: "instance:read",
      about: {
        summary: "List all organisations",
        query: pageQuery,
        answers: { 200: organisationsView },
      },
      handle: (req, res) => list(ctx, req, res),
    },
  ];
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const read = (page: Page) =>
    transact(db, "list_organisations", (tx) => listOrganisations(tx, page), { readOnly: true });
  const idOf = ({ organisationId }: { organisationId: string }): string => organisationId;
  await sendList(res, readPage(req), read, { idOf, shape: viewOfOrganisation });
}
