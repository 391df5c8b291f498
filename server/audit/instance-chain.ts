/** The chain of what concerns this installation and no organisation of it. */
export const instanceChain = "00000000-0000-0000-0000-000000000000";
