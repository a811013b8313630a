#pragma once

#include <string>
#include <vector>

namespace gatehouse {

/// One mistake in a configuration. Whoever validates reports every mistake, never only the first; the config layer adds
/// file, line and column to those whose key it can place.
struct config_error {
  std::string key{};         ///< dotted, as in the file: "headers.profile", "route[2].match"
  std::string value{};       ///< the offending value as written; empty when there is none. Secrets are never put here.
  std::string code{};        ///< stable, kebab-case: "unknown-key", "out-of-range", "not-an-address"
  std::string message{};     ///< one sentence: what is wrong
  std::string suggestion{};  ///< what to write instead; may be empty
};
using config_errors = std::vector<config_error>;

}  // namespace gatehouse
