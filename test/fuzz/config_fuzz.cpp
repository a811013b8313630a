// Whatever a configuration file holds: it is either understood, or there is at least one error, with a place inside the
// file.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <gatehouse/config/load.hpp>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lines = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')) + 1;
  gatehouse::loaded_config loaded = gatehouse::read_config(text, "fuzz.toml");
  require(loaded.parsed || loaded.report.errors() > 0);
  if (loaded.parsed) {
    gatehouse::judge_config(loaded);
    gatehouse::lint_config(loaded);
  }
  for (const gatehouse::config_problem& p : loaded.report.problems) {
    require(p.where.file == "fuzz.toml" && p.where.column >= 1);
    require(p.where.line >= 1 && p.where.line <= lines);
    require(!p.what.code.empty() && !p.what.message.empty());
    const std::string shown = gatehouse::to_text(p);
    require(std::none_of(shown.begin(), shown.end(), [](char c) { return c == '\x1b' || c == '\r' || c == '\0'; }));
  }
  (void)gatehouse::to_json(loaded.report, "fuzz.toml");
  return 0;
}
