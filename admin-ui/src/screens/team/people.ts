import { useQuery } from "@tanstack/react-query";
import type { InvitationView, MemberView } from "../../../../server/people/wire.ts";
import { get } from "../../api/client.ts";

interface ListOf<View> {
  readonly data: readonly View[];
}

/** People come and go in all tabs of a tenant's two worlds, of which the stream tells nothing. */
const everyMs = 10_000;

export function useMembers() {
  return useQuery({
    queryKey: ["people"],
    queryFn: ({ signal }) => get<ListOf<MemberView>>("/v1/people", { signal }),
    refetchInterval: everyMs,
  });
}

export function useInvitations() {
  return useQuery({
    queryKey: ["invitations"],
    queryFn: ({ signal }) => get<ListOf<InvitationView>>("/v1/invitations", { signal }),
    refetchInterval: everyMs,
  });
}

export function useMember(id: string) {
  return useQuery({
    queryKey: ["people", id],
    queryFn: ({ signal }) => get<MemberView>(`/v1/people/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: everyMs,
  });
}
