import { z } from "zod";
import type { JsonSchema } from "./openapi-types.ts";

export interface Written {
  /** The schema, or a reference to one among the components. */
  readonly schema: JsonSchema;
  readonly examples: readonly unknown[];
}

/** The schemas of a document: each that has an id is written once and referred to. */
export class Schemas {
  readonly components: Record<string, JsonSchema> = {};

  /** As it is sent to us (`input`), or as it is answered or after it was read (`output`). */
  write(shape: z.ZodType, io: "input" | "output"): Written {
    const { properties, $defs = {} } = z.toJSONSchema(z.object({ shape }), {
      target: "draft-2020-12",
      io,
      override: ({ jsonSchema }) => {
        // The format says it better than a pattern does, and a bound that is no bound says nothing.
        if (jsonSchema.format === "uuid") delete jsonSchema.pattern;
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      },
    });
    for (const [name, schema] of Object.entries($defs)) {
      const text = JSON.stringify(schema);
      const known = this.components[name];
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(moved(text))) {
        throw new Error(`Two schemas have the id ${name}.`);
      }
      this.components[name] = moved(text);
    }
    const { examples = [] } = (shape.meta() ?? {}) as { examples?: readonly unknown[] };
    return { schema: moved(JSON.stringify(properties?.shape)), examples };
  }
}

function moved(text: string): JsonSchema {
  return JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema;
}
