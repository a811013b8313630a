// No encoding of HTML helps in a script.
#include <string>

#include <gatehouse/encode.hpp>
namespace gh = gatehouse;
gh::html page(const std::string& name) {
#ifdef MUST_NOT_COMPILE
  return gh::html::format("<script>let name = '{}'</script>", name);
#else
  return gh::html::format("<p data-name='{}'></p>", name);
#endif
}
