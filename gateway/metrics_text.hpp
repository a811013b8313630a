#pragma once

#include <span>
#include <string>
#include <string_view>

#include <gatehouse/server/metrics.hpp>

namespace gatehouse::program {

inline constexpr std::string_view metrics_media_type = "text/plain; version=0.0.4; charset=utf-8";

/// The text format of Prometheus, version 0.0.4.
[[nodiscard]] std::string metrics_text(std::span<const metric_family> families);

}  // namespace gatehouse::program
