// What is encoded is told by the template, which is no text from outside.
#include <string>

#include <gatehouse/encode.hpp>
namespace gh = gatehouse;
gh::html p(const std::string& form, const std::string& name) {
#ifdef MUST_NOT_COMPILE
  return gh::html::format(form.c_str(), name);
#else
  return gh::html::format("<p>{} {}</p>", form, name);
#endif
}
