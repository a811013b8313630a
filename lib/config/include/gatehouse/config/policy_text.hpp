#pragma once
// The configuration that is in effect, as text: what `gatehouse show` prints and the admin listener serves.

#include <string>

#include <gatehouse/config/gateway_config.hpp>

namespace gatehouse {

/// A gatehouse.toml with every key and the value it has, in the catalog's order; what is as it would be anyway says so
/// in a comment. Read again it gives the same configuration, and so the same text: two configurations are equal when
/// their texts are. Secrets that are set are `***`, which no reader takes.
[[nodiscard]] std::string policy_text(const gateway_config& c);

}  // namespace gatehouse
