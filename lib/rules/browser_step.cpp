#include <gatehouse/rules/browser_step.hpp>

#include <array>
#include <cstddef>

namespace gatehouse {
namespace {

struct row {
  std::string_view word;
  bool ends;
  std::string_view clause;
  std::string_view sentence;
};

constexpr std::array rows{
#define GATEHOUSE_BROWSER_STEP_ROW(name, word, ends, clause, sentence) row{word, ends, clause, sentence},
    GATEHOUSE_BROWSER_STEPS(GATEHOUSE_BROWSER_STEP_ROW)
#undef GATEHOUSE_BROWSER_STEP_ROW
};

constexpr const row& row_of(browser_why w) noexcept { return rows[static_cast<std::size_t>(w)]; }

}  // namespace

std::string_view word(browser_why w) noexcept { return row_of(w).word; }
std::string_view clause(browser_why w) noexcept { return row_of(w).clause; }
std::string_view sentence(browser_why w) noexcept { return row_of(w).sentence; }
bool is_end(browser_why w) noexcept { return row_of(w).ends; }

}  // namespace gatehouse
