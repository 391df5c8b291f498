import type { WholeEntryView } from "../../../../server/ledger/wire.ts";

export type Account = WholeEntryView["account"];
export type Kind = WholeEntryView["kind"];

interface AccountWords {
  readonly name: string;
  readonly says: string;
}

export const accounts: Readonly<Record<Account, AccountWords>> = {
  MANDATE_RESERVED: {
    name: "Mandates, reserved",
    says: "What principals set aside. A purchase or a hold takes it out (debit); a refund, or a hold that is given back, brings it in (credit).",
  },
  MERCHANT_HELD: {
    name: "Merchants, held",
    says: "What is parked for a merchant while a hold lasts. A hold brings it in (credit); its capture, its release or its end takes it out (debit).",
  },
  MERCHANT_PAYABLE: {
    name: "Merchants, payable",
    says: "What is owed to merchants. A purchase or a capture brings it in (credit), a refund takes it out (debit).",
  },
};

export function accountName(account: string): string {
  return account in accounts ? accounts[account as Account].name : account;
}

export const kinds: Readonly<Record<Kind, string>> = {
  commit: "Purchase",
  hold: "Hold",
  capture: "Capture",
  release: "Release",
  expire: "End of a hold",
  refund: "Refund",
};

/** Debits go out of an account and are the negative amounts; each side has a column of its own. */
export function sidesOf({ amountMinor }: { readonly amountMinor: number }) {
  return {
    debit: amountMinor < 0 ? -amountMinor : undefined,
    credit: amountMinor > 0 ? amountMinor : undefined,
  };
}
