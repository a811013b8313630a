#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "probe_client.hpp"

namespace gatehouse::program {

/// What one answer shows.
struct observation {
  std::string says{};  ///< short, for a cell of the table
  bool is_safe = false;
};

/// A row of the demo's table: the same bytes to both, and how to read what comes back. A new rule adds its row in
/// demo_probes.cpp.
struct probe {
  std::string_view name;
  std::string (*request)();
  observation (*read)(const answer&);
  milliseconds patience{5'000};
};

[[nodiscard]] std::span<const probe> demo_probes() noexcept;

struct probe_result {
  std::string_view name;
  observation bare{};
  observation guarded{};
  /// The hole is there without Gatehouse and is not with it.
  [[nodiscard]] bool shown() const noexcept { return !bare.is_safe && guarded.is_safe; }
};

/// Sends bytes and returns what came within a time: ask() of one server.
using ask_one = std::function<answer(std::string_view request, milliseconds patience)>;
/// Asks both, one probe after the other. A few seconds; ends early, with what there is, once `stop` is set.
[[nodiscard]] std::vector<probe_result> run_probes(const ask_one& bare, const ask_one& guarded,
                                                   const std::atomic<bool>& stop);
/// The aligned table, with a line that counts.
[[nodiscard]] std::string probe_table(std::span<const probe_result> results);

}  // namespace gatehouse::program
