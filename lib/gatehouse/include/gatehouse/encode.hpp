#pragma once
// Text for the place where it is going to stand: encoders, and gh::html, which text from outside cannot break out of.
// Part of gatehouse/gatehouse.hpp; by itself for code that makes pages, fields or URLs and needs no server.

#include <gatehouse/http/encode.hpp>
#include <gatehouse/http/html.hpp>
