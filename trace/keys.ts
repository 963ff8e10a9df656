/** Keys of the maps in a State. */

export const edgeKey = (node: number, edge: number): string => `${node}:${edge}`;
export const outputKey = (node: number, outputNr: number): string => `${node}:${outputNr}`;
