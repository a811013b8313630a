#pragma once

#include <optional>
#include <string>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/rules/browser.hpp>

namespace gatehouse {

/// When the public suffix list was made that a CORS policy with this `public_suffix_list` asks (empty: the system's).
/// Nothing when it cannot be read or does not say. Reads the file.
[[nodiscard]] std::optional<system_time> public_suffix_list_made_at(const std::string& path);

/// Which hosts are of one site, by the list at `path` (empty, or no list: the system's): those below one registered
/// name. Reads the file once. For browser_fetch and browser_websocket.
/// Source: https://html.spec.whatwg.org/#schemelessly-same-site
[[nodiscard]] same_site_hosts same_site_by_public_suffixes(const std::string& path = {});

}  // namespace gatehouse
