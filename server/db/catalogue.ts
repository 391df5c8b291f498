import type { Db } from "./open.ts";

/**
 * The schema as the database itself describes it, in a text that changes only when the schema does.
 * Our own reader, because a dump tool of the right version is not on every machine. It knows what
 * our migrations use: tables, constraints, indexes, functions, triggers of the current schema.
 */
export async function readCatalogue(db: Db): Promise<string> {
  const names = async (query: string): Promise<string[]> => {
    const { rows } = await db.pool.query<{ text: string }>(query);
    return rows.map(({ text }) => text);
  };
  const blocks: string[] = [];
  for (const table of await names(tables)) {
    const parts = [...(await lines(db, columns, table)), ...(await lines(db, constraints, table))];
    const body = parts.map((part) => `  ${part}`).join(",\n");
    blocks.push(`create table ${table} (\n${body}\n);`);
    for (const index of await lines(db, indexes, table)) blocks.push(`${index};`);
  }
  for (const definition of await names(functions)) blocks.push(`${definition.trim()};`);
  for (const definition of await names(triggers)) blocks.push(`${definition};`);
  return `${header}\n${blocks.join("\n\n")}\n`;
}

const header = `\
-- What the migrations make, as PostgreSQL describes it. To be read, not run.
-- Written by \`npm run generate\`.
`;

async function lines(db: Db, query: string, table: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ text: string }>(query, [table]);
  return rows.map(({ text }) => text);
}

const tables = `
  select relname::text as text
    from pg_class
   where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
   order by relname collate "C"`;

const columns = `
  select concat_ws(' ',
           quote_ident(attname),
           format_type(atttypid, atttypmod),
           case when attnotnull then 'not null' end,
           case when attgenerated <> '' then 'generated always as (' || value || ') stored'
                when attidentity <> '' then 'generated as identity'
                when value is not null then 'default ' || value end) as text
    from (select a.*, pg_get_expr(d.adbin, d.adrelid) as value
            from pg_attribute a
            left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
           where a.attrelid = $1::text::regclass and a.attnum > 0 and not a.attisdropped) c
   order by attnum`;

// Kind n, "not null" as a constraint, is new in PostgreSQL 18: the columns tell it on all versions.
const constraints = `
  select 'constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid) as text
    from pg_constraint
   where conrelid = $1::text::regclass and contype in ('p', 'u', 'f', 'c', 'x')
   order by position(contype in 'pufcx'), conname collate "C"`;

const indexes = `
  select pg_get_indexdef(indexrelid) as text
    from pg_index
   where indrelid = $1::text::regclass
     and not exists (select from pg_constraint where conindid = indexrelid)
   order by indexrelid::regclass::text collate "C"`;

const functions = `
  select pg_get_functiondef(p.oid) as text
    from pg_proc p
   where p.pronamespace = current_schema()::regnamespace and p.prokind in ('f', 'p')
     and not exists (select from pg_depend where objid = p.oid and deptype = 'e')
   order by p.oid::regprocedure::text collate "C"`;

const triggers = `
  select pg_get_triggerdef(t.oid) as text
    from pg_trigger t
    join pg_class c on c.oid = t.tgrelid
   where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal
   order by c.relname collate "C", t.tgname collate "C"`;
