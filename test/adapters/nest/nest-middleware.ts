import 'reflect-metadata'
import { expressWebhook } from '@fluxora/verify/express'
import { Controller, type MiddlewareConsumer, Module, type NestModule, Post, Req } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Request } from 'express'

@Controller('webhooks')
class WebhooksController {
  @Post()
  receive(@Req() request: Request) {
    console.log('once', request.webhook.deliveryId, request.webhook.json())
    return { ok: true }
  }
}

@Module({ controllers: [WebhooksController] })
class AppModule implements NestModule {
  configure(consumer: MiddlewareConsumer) {
    consumer.apply(expressWebhook({ secrets: process.env.WEBHOOK_SECRET })).forRoutes(WebhooksController)
  }
}

async function bootstrap() {
  // A module's middleware runs after Nest's parsers; rawBody makes them keep the raw bytes.
  const app = await NestFactory.create(AppModule, { rawBody: true })
  app.setGlobalPrefix('api')
  await app.listen(process.env.PORT ?? 3000)
  return app
}

export const started = bootstrap()
