// What a `before` of a whole file starts must end with the file; node:test ties hooks that are made inside `before` to that.
import { after } from 'node:test';

const ends = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});
export const file_scope = { after: (end) => ends.push(end) };
