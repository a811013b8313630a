// HTML in an attribute has quotes.
#include <string>

#include <gatehouse/encode.hpp>
namespace gh = gatehouse;
gh::html p(const gh::html& markup) {
#ifdef MUST_NOT_COMPILE
  return gh::html::format("<p title=\"{}\"></p>", markup);
#else
  return gh::html::format("<p>{}</p>", markup);
#endif
}
