#pragma once

#include <gatehouse/rules/csrf.hpp>
#include <gatehouse/server/pending_handler.hpp>

namespace gatehouse {

/// A handler that gives a page of ours the token it sends as X-CSRF-Token: app.get("/csrf-token",
/// gh::csrf_tokens(config)), with the config of `csrf_guard`. Answers 200 {"token":"..."}, not to be kept by any cache;
/// who has no session gets csrf_id_cookie. Others' pages get 403 csrf.cross-origin, also those that CORS lists. Errors
/// of make(): those of csrf_policy::make, and no token_keys.
[[nodiscard]] pending_handler csrf_tokens(csrf_config c);

}  // namespace gatehouse
