// As the last of reload.test.mjs, with a crowd. .ci/run runs it under ThreadSanitizer, too.
import { test } from 'node:test';
import { without_gateway } from './kit/gatehouse.mjs';
import { reload_under_load } from './kit/reload.mjs';

test('a hundred reloads under 2,000 connections: nothing is dropped, nothing is mixed, memory is flat', { skip: without_gateway },
  (t) => reload_under_load(t, { connections: 2_000 }));
