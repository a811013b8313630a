// A literal ends between tags, or what is joined to it would mean something else.
#include <string>

#include <gatehouse/encode.hpp>
namespace gh = gatehouse;
#ifdef MUST_NOT_COMPILE
gh::html half() { return gh::html{"<a title=\""}; }
#else
gh::html half() { return gh::html{"<a title=\"\">"}; }
#endif
