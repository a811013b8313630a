#pragma once

#include <string>

#include <gatehouse/http/html.hpp>
#include <gatehouse/server/pending_handler.hpp>

namespace gatehouse {

/// A handler that always answers 200 with the same content: app.get("/robots.txt", gh::static_text("User-agent: *\n")).
/// Errors of make(): a media type that is no field value, or HTML, which is the other function's.
[[nodiscard]] pending_handler static_text(std::string content, std::string media_type = "text/plain; charset=utf-8");
/// As text/html; charset=utf-8.
[[nodiscard]] pending_handler static_text(html page);

}  // namespace gatehouse
