#pragma once
// What two configurations do differently: `gatehouse check --diff`.

#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/config/gateway_config.hpp>

namespace gatehouse {

struct config_difference {
  enum class what : unsigned char {
    changed,
    added,    ///< a service or a route; the keys that it sets follow, each as changed
    removed,  ///< a service or a route
  };
  what how = what::changed;
  std::string key{};           ///< "limits.max_body", "service.notes.upstreams", "route /notes/*"
  std::string from{};          ///< as TOML; empty: not set. Secrets are `***` here, however they differ.
  std::string to{};            ///< as above
  bool needs_restart = false;  ///< a reload leaves it as it was
};

/// In the order of the catalog. Services are the same by their name, routes by path and hosts.
[[nodiscard]] std::vector<config_difference> differences(const gateway_config& from, const gateway_config& to);

/// A line for people: "limits.max_body: "1MiB" → "2MiB"", "+ service.notes", "- route /notes/*".
[[nodiscard]] std::string to_text(const config_difference& d);
/// One JSON document, with what was compared.
[[nodiscard]] std::string to_json(const std::vector<config_difference>& all, std::string_view from,
                                  std::string_view to);

}  // namespace gatehouse
