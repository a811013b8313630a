#pragma once

#include <string>

#include <gatehouse/server/pending_handler.hpp>

namespace gatehouse {

/// A handler that always answers 200 with the same content: app.get("/robots.txt", gh::static_text("User-agent: *\n")).
/// Errors of make(): a media type that is no field value.
[[nodiscard]] pending_handler static_text(std::string content, std::string media_type = "text/plain; charset=utf-8");

}  // namespace gatehouse
