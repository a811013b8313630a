// What the preflight cache makes of requests one after the other, to one URL, within its five seconds. Each step: what the page
// asks, and what a preflight of it would be answered. `chromium`: where it differs, and which requests it sends.
const put = { method: 'PUT' };
const allow = (methods, headers, age) => ({ methods, headers, age });

export const sequences = [
  { name: 'the same again', steps: [[put, allow('PUT')], [put, allow('PUT')]] },
  { name: 'another method of the list', steps: [[put, allow('PUT, PATCH')], [{ method: 'PATCH' }, allow('PATCH')]] },
  { name: 'a method that was not in the list', steps: [[put, allow('PUT')], [{ method: 'DELETE' }, allow('DELETE')]] },
  { name: 'a header of the list', steps: [[put, allow('PUT', 'x-a, x-b')], [{ headers: [['X-B', '1']] }, allow('', 'x-b')]] },
  { name: 'a header that was not in the list', steps: [[put, allow('PUT', 'x-a')], [{ headers: [['X-B', '1']] }, allow('', 'x-b')]] },
  {
    name: 'permissions for one method each',
    steps: [[put, allow('PUT')], [{ method: 'DELETE' }, allow('DELETE')], [put, allow('PUT')]],
    chromium: { why: 'preflight-cache-has-one-entry', asks: [true, true, true] },
  },
  { name: 'a maximal age of 0', steps: [[put, allow('PUT', '', '0')], [put, allow('PUT')]] },
  { name: 'a maximal age of 60', steps: [[put, allow('PUT', '', '60')], [put, allow('PUT')]] },
  {
    name: 'a maximal age below 0',
    steps: [[put, allow('PUT', '', '-1')], [put, allow('PUT')]],
    chromium: { why: 'max-age-below-0', asks: [true, true] },
  },
  { name: 'a maximal age that is no number', steps: [[put, allow('PUT', '', 'x')], [put, allow('PUT')]] },
  { name: 'with credentials, then without', steps: [[{ ...put, credentials: 'include' }, allow('PUT')], [{ ...put, credentials: 'omit' }, allow('PUT')]] },
  { name: 'without credentials, then with', steps: [[{ ...put, credentials: 'omit' }, allow('PUT')], [{ ...put, credentials: 'include' }, allow('PUT')]] },
  { name: 'a star, then another method', steps: [[put, allow('*', '*')], [{ method: 'DELETE', headers: [['X-A', '1']] }, allow('DELETE', 'x-a')]] },
  { name: 'a star, then Authorization', steps: [[put, allow('*', '*')], [{ headers: [['Authorization', 'x']] }, allow('', 'authorization')]] },
  { name: 'a preflight that fails is not kept', steps: [[put, allow('POST')], [put, allow('PUT')]] },
  {
    name: 'an answer that fails forgets the permission',
    steps: [[{ ...put, unreadable: true }, allow('PUT')], [put, allow('PUT')]],
    chromium: { why: 'preflight-cache-outlives-failures', asks: [true, false] },
  },
  { name: 'a request that needs none asks nothing', steps: [[put, allow('PUT')], [{ method: 'POST', body: 'x' }, allow('PUT')]] },
];
