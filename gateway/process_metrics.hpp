#pragma once

#include <vector>

#include <gatehouse/server/metrics.hpp>

namespace gatehouse::program {

/// What the kernel says of this process, under the names that every Prometheus client library uses.
void collect_process(std::vector<metric_family>& out);

}  // namespace gatehouse::program
